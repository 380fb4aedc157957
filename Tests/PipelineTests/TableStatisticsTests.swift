import Testing

@testable import Pipeline

struct TableStatisticsTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let table: TableStatistics
        let expected: String?

        init(_ name: String, _ table: TableStatistics, _ expected: String?) {
            testDescription = name
            self.table = table
            self.expected = expected
        }
    }

    @Test(arguments: [
        Case("nothing", TableStatistics(table: "t"), nil),
        Case("empty and never analyzed", TableStatistics(table: "t", isAnalyzed: false), nil),
        Case(
            "never analyzed",
            TableStatistics(table: "t", live: 1, isAnalyzed: false),
            "ANALYZE (SKIP_LOCKED) t: never analyzed",
        ),
        Case("few dead", TableStatistics(table: "t", live: 10, dead: 1_000), nil),
        Case("few dead of many", TableStatistics(table: "t", live: 40_000, dead: 2_000), nil),
        Case(
            "many dead",
            TableStatistics(table: "t", live: 40_000, dead: 2_001),
            "VACUUM (ANALYZE, SKIP_LOCKED) t: 2,001 dead rows",
        ),
        Case("few new", TableStatistics(table: "t", live: 100_000, inserted: 20_000), nil),
        Case(
            "many new",
            TableStatistics(table: "t", live: 100_000, inserted: 20_001),
            "VACUUM (ANALYZE, SKIP_LOCKED) t: 20,001 rows inserted since the last vacuum",
        ),
        Case("few changed", TableStatistics(table: "t", live: 9_000, changed: 1_000), nil),
        Case(
            "many changed",
            TableStatistics(table: "t", live: 9_000, changed: 1_001),
            "ANALYZE (SKIP_LOCKED) t: 1,001 rows changed since the last analyze",
        ),
        Case(
            "dead before changed",
            TableStatistics(table: "t", live: 9_000, dead: 5_000, changed: 5_000),
            "VACUUM (ANALYZE, SKIP_LOCKED) t: 5,000 dead rows",
        ),
        Case("young", TableStatistics(table: "t", age: 100_000_000), nil),
        Case(
            "old",
            TableStatistics(table: "t", age: 100_000_001),
            "VACUUM (FREEZE, ANALYZE, SKIP_LOCKED) t: not frozen for 100,000,001 transactions",
        ),
        Case(
            "partitioned",
            TableStatistics(table: "t", isPartitioned: true, live: 9_000, changed: 1_001),
            "ANALYZE (SKIP_LOCKED) t: 1,001 rows changed since the last analyze",
        ),
    ])
    func callForWhatPays(_ example: Case) {
        #expect(example.table.need.map { "\($0.statement): \($0.reason)" } == example.expected)
    }

    @Test func numbersAreReadable() {
        #expect([0, 999, 1_000, 12_345, 1_234_567].map(\.grouped) == ["0", "999", "1,000", "12,345", "1,234,567"])
        #expect(1.of("index", "indexes") == "1 index")
        #expect(2_000.of("index", "indexes") == "2,000 indexes")
    }
}
