import Pipeline
import PostgresClient
import TestServers
import Testing

/// What `detect_activity_anomalies` finds, worked out by hand. The running hour is hour 0 of these histories.
struct AnomalyFunctionTests {
    /// So many rows of an address or of a user in each hour from one to another, both that many hours ago.
    private struct Rows {
        var ip: String?
        var user: String?
        var hours: ClosedRange<Int>
        var step = 1
        var count: Int

        var statement: String {
            """
            INSERT INTO directus_activity (action, ip, "user", "timestamp", collection, item)
            SELECT 'create', \(ip.map { "'\($0)'" } ?? "NULL"), \(user.map { "'\($0)'" } ?? "NULL"),
                date_trunc('hour', now(), 'UTC') - h * interval '1 hour', 'articles', 'x'
            FROM generate_series(\(hours.lowerBound), \(hours.upperBound), \(step)) AS h, generate_series(1, \(count));
            """
        }
    }

    private func anomalies(_ arguments: String = "", of history: [Rows]) async throws -> [String] {
        try await withinOneHour {
            let database = try await ActivityDatabase()
            try await database.execute(history.map(\.statement).joined())
            try await database.feed(batchSize: 100_000)
            return try await database.lines(
                """
                anomaly_type, entity_type, entity_value, current_count, average_count, stddev_count, stddev_from_mean,
                severity
                """,
                from: "activity.detect_activity_anomalies(\(arguments))",
            )
        }
    }

    private static let user = "00000000-0000-0000-0000-000000000001"

    // MARK: - Against its own history

    @Test func findsASpikeOfTheOnlyAddress() async throws {
        let found = try await anomalies(
            of: [
                Rows(ip: "10.0.0.1", hours: 1...48, count: 16),
                Rows(ip: "10.0.0.1", hours: 0...0, count: 500),
            ]
        )
        #expect(found == ["VOLUME_SPIKE ip 10.0.0.1 500 16.00 4.00 121.00 critical"])
    }

    /// Compared with each other, outlier included, none of three can be more than 1.16 standard deviations off.
    @Test func findsOneOfThreeAddresses() async throws {
        let quiet = ["10.0.0.1", "10.0.0.2", "2001:db8::1"].map { Rows(ip: $0, hours: 0...48, count: 16) }
        let found = try await anomalies(of: quiet + [Rows(ip: "2001:db8::1", hours: 0...0, count: 21)])
        #expect(found == ["VOLUME_SPIKE ip 2001:db8::1 37 16.00 4.00 5.25 critical"])
    }

    @Test func findsAUserWithoutAnAddress() async throws {
        let found = try await anomalies(
            of: [
                Rows(user: Self.user, hours: 1...30, count: 16),
                Rows(user: Self.user, hours: 0...0, count: 37),
            ]
        )
        #expect(found == ["VOLUME_SPIKE user \(Self.user) 37 16.00 4.00 5.25 critical"])
    }

    @Test func gradesTheDistance() async throws {
        let counts = [24, 25, 28, 29, 32, 33, 36, 37]
        let history = counts.flatMap {
            [Rows(ip: "\($0)", hours: 1...30, count: 16), Rows(ip: "\($0)", hours: 0...0, count: $0)]
        }
        #expect(
            try await anomalies("1, 2", of: history) == [
                "VOLUME_SPIKE ip 37 37 16.00 4.00 5.25 critical", "VOLUME_SPIKE ip 36 36 16.00 4.00 5.00 high",
                "VOLUME_SPIKE ip 33 33 16.00 4.00 4.25 high", "VOLUME_SPIKE ip 32 32 16.00 4.00 4.00 medium",
                "VOLUME_SPIKE ip 29 29 16.00 4.00 3.25 medium", "VOLUME_SPIKE ip 28 28 16.00 4.00 3.00 low",
                "VOLUME_SPIKE ip 25 25 16.00 4.00 2.25 low",
            ]
        )
        #expect(try await anomalies(of: history).count == 5)
    }

    @Test func saysNothingOfTheSteady() async throws {
        #expect(try await anomalies(of: [Rows(ip: "10.0.0.1", user: Self.user, hours: 0...600, count: 3)]) == [])
    }

    @Test func doesNotTakeOneEventMoreForAnAnomaly() async throws {
        let history = [
            Rows(ip: "10.0.0.1", hours: 1...100, count: 1),
            Rows(ip: "10.0.0.1", hours: 0...0, count: 2),
        ]
        #expect(try await anomalies(of: history) == [])
        #expect(try await anomalies("1, 0.5", of: history) == ["VOLUME_SPIKE ip 10.0.0.1 2 1.00 1.00 1.00 low"])
    }

    /// Over all hours, empty ones included, an hour of 50 a day would be 4.8 standard deviations off.
    @Test func saysNothingOfWhoWorksAnHourADayAsEver() async throws {
        let history = Rows(user: Self.user, hours: 24...480, step: 24, count: 49)
        #expect(try await anomalies(of: [history, Rows(user: Self.user, hours: 0...0, count: 50)]) == [])
        #expect(
            try await anomalies(of: [history, Rows(user: Self.user, hours: 0...0, count: 84)])
                == ["VOLUME_SPIKE user \(Self.user) 84 49.00 7.00 5.00 high"]
        )
    }

    @Test func usesTheSpreadOfTheHistory() async throws {
        let found = try await anomalies(
            of: [
                Rows(ip: "10.0.0.1", hours: 1...1, count: 100), Rows(ip: "10.0.0.1", hours: 2...2, count: 200),
                Rows(ip: "10.0.0.1", hours: 24...24, count: 300), Rows(ip: "10.0.0.1", hours: 0...0, count: 510),
            ]
        )
        #expect(found == ["VOLUME_SPIKE ip 10.0.0.1 510 200.00 100.00 3.10 medium"])
    }

    // MARK: - Blocks

    @Test func dividesTheHistoryIntoBlocksOfAsManyHours() async throws {
        let found = try await anomalies(
            "24",
            of: [
                Rows(ip: "10.0.0.1", hours: 24...96, step: 24, count: 16),
                Rows(ip: "10.0.0.1", hours: 23...23, count: 37),
            ],
        )
        #expect(found == ["VOLUME_SPIKE ip 10.0.0.1 37 16.00 4.00 5.25 critical"])
    }

    @Test func remembers28Days() async throws {
        let newest = Rows(ip: "10.0.0.1", hours: 0...0, count: 40)
        let forgotten = [Rows(ip: "10.0.0.1", hours: 673...800, count: 16), newest]
        #expect(try await anomalies(of: forgotten) == [])
        let remembered = [Rows(ip: "10.0.0.1", hours: 670...672, count: 16), newest]
        #expect(try await anomalies(of: remembered) == ["VOLUME_SPIKE ip 10.0.0.1 40 16.00 4.00 6.00 critical"])
    }

    // MARK: - Without a history

    @Test func comparesNewcomersWithTheirPeers() async throws {
        let found = try await anomalies(
            of: [
                Rows(ip: "10.0.0.1", hours: 0...300, count: 16), Rows(ip: "10.0.0.2", hours: 0...30, count: 16),
                Rows(ip: "10.0.0.3", hours: 0...0, count: 37), Rows(ip: "10.0.0.4", hours: 0...0, count: 20),
            ]
        )
        #expect(found == ["NEW_ENTITY ip 10.0.0.3 37 16.00 4.00 5.25 critical"])
    }

    /// Peers weigh the same: blocks of 100 and 4, average 52, deviation 48, though one has a hundred times as many.
    @Test func letsNoPeerDecideWhatIsUsual() async throws {
        let found = try await anomalies(
            of: [
                Rows(ip: "10.0.0.1", hours: 1...300, count: 100), Rows(ip: "10.0.0.2", hours: 1...3, count: 4),
                Rows(ip: "10.0.0.3", hours: 0...0, count: 220),
            ]
        )
        #expect(found == ["NEW_ENTITY ip 10.0.0.3 220 52.00 48.00 3.50 medium"])
    }

    @Test func doesNotTakeForUsualWhatBeganToday() async throws {
        let found = try await anomalies(
            of: [
                Rows(ip: "10.0.0.1", hours: 0...300, count: 16), Rows(ip: "10.0.0.2", hours: 0...23, count: 1000),
            ]
        )
        #expect(found == ["NEW_ENTITY ip 10.0.0.2 1000 16.00 4.00 246.00 critical"])
    }

    @Test func saysNothingWhereNobodyKnowsWhatIsUsual() async throws {
        let found = try await anomalies(
            of: [Rows(ip: "10.0.0.1", hours: 0...0, count: 1000), Rows(ip: "10.0.0.2", hours: 1...2, count: 1)]
        )
        #expect(found == [])
    }
}
