import Foundation
import PostgresClient
import TestServers
import Testing

/// Reading rows as they arrive: single-row mode and binary COPY.
@Suite(.timeLimit(.minutes(5)), .serialized) struct BulkReadTests {
    private struct Refusal: Error {}

    struct Totals: Equatable, Sendable {
        var rows = 0
        var sum: Int64 = 0
        var bytes = 0
    }

    private let million = "SELECT n::bigint, repeat('x', 100) FROM generate_series(1, 1000000) n"
    private let expected = Totals(rows: 1_000_000, sum: 500_000_500_000, bytes: 100_000_000)

    /// From `/proc/self/status`, in kilobytes: the peak, which the caller resets by writing 5 to `clear_refs`.
    private func peakMemory() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM") })
        return try #require(line.split(separator: " ").compactMap { Int($0) }.first)
    }

    private func growth(of body: () async throws -> Void) async throws -> Int {
        try "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
        let before = try peakMemory()
        try await body()
        return try peakMemory() - before
    }

    @Test func streamsAMillionRowsInBoundedMemory() async throws {
        let connection = try await sharedConnection()
        let kilobytes = try await growth {
            let totals = try await connection.stream(million, into: Totals()) { totals, row in
                totals.rows += 1
                totals.sum += try row.value(0, as: Int64.self)
                totals.bytes += try row.value(1, as: String.self).utf8.count
            }
            #expect(totals == expected)
        }
        #expect(kilobytes < 80_000)
    }

    @Test func copiesAMillionRowsInBoundedMemory() async throws {
        let connection = try await sharedConnection()
        let kilobytes = try await growth {
            let totals = try await connection.copyOut(million, into: Totals()) { totals, row in
                totals.rows += 1
                totals.sum += try row.next(Int64.self)
                totals.bytes += try row.next(String.self).utf8.count
            }
            #expect(totals == expected)
        }
        #expect(kilobytes < 80_000)
    }

    @Test(arguments: [
        "things", "public.things", "SELECT * FROM things", "SELECT * FROM things -- all of them",
        "WITH w AS (TABLE things) SELECT * FROM w", "SELECT * FROM things LIMIT 0",
    ])
    func copyEqualsSelect(_ source: String) async throws {
        let connection = try await PostgresConnection.connect(freshConfiguration())
        try await connection.execute(
            script: """
                CREATE TABLE things AS SELECT n::bigint AS a, n::int AS b, nullif(n % 3, 0)::smallint AS c,
                    'té' || n AS d, md5(n::text)::uuid AS e, to_timestamp(n) AS f, n % 2 = 0 AS g, ARRAY[n, -n] AS h
                FROM generate_series(1, 1000) n ORDER BY n
                """
        )
        let copied = try await connection.copyOut(source, into: [String]()) { rows, row in
            let a = try row.next(Int64.self)
            let b = try row.next(Int32.self)
            let c = try row.next(Int16?.self)
            let d = try row.next(String.self)
            let e = try row.next(String.self)
            let f = try row.next(PostgresTimestamp.self)
            let g = try row.next(Bool.self)
            let h = try row.next([Int32].self)
            rows.append("\(a) \(b) \(c as Any) \(d) \(e) \(f.microseconds) \(g) \(h)")
        }
        let limit = source.hasSuffix("LIMIT 0") ? 0 : 1000
        let selected = try await connection.query("SELECT * FROM things LIMIT \(limit)").map { row in
            let (a, b, c) = try (
                row.value(0, as: Int64.self), row.value(1, as: Int32.self), row.value(2, as: Int16?.self),
            )
            let (d, e) = try (row.value(3, as: String.self), row.value(4, as: String.self))
            let f = try row.value(5, as: PostgresTimestamp.self).microseconds
            let (g, h) = try (row.value(6, as: Bool.self), row.value(7, as: [Int32].self))
            return "\(a) \(b) \(c as Any) \(d) \(e) \(f) \(g) \(h)"
        }
        #expect(copied == selected)
        #expect(copied.count == limit)
    }

    @Test func copyChecksTypesAndTheNumberOfFields() async throws {
        let connection = try await sharedConnection()
        let type = try await postgresError {
            _ = try await connection.copyOut("SELECT 1.5::float8", into: 0) { $0 += try $1.next(Int.self) }
        }
        #expect(type?.code == .decodingFailed)
        let other = try await sharedConnection()
        let count = try await postgresError {
            _ = try await other.copyOut("SELECT 1", into: 0) { sum, row in
                sum += try row.next(Int.self) + row.next(Int.self)
            }
        }
        #expect(count?.code == .decodingFailed)
    }

    @Test(arguments: [
        "SELECT missing", "INSERT INTO pg_class VALUES (1) RETURNING 1", "missing",
        "SELECT 1/(n-500) FROM generate_series(1,1000) n",
    ])
    func aFailingCopyLeavesTheConnectionUsable(_ source: String) async throws {
        let connection = try await sharedConnection()
        let error = try await postgresError {
            _ = try await connection.copyOut(source, into: 0) { $0 += try $1.next(Int.self) }
        }
        #expect(error?.code == .server)
        _ = try await connection.backend()
    }

    @Test func whatAReducerThrowsStopsTheStatement() async throws {
        let observer = try await sharedConnection()
        let endless = "SELECT generate_series(1, 1000000000000)"
        for useCopy in [true, false] {
            let connection = try await sharedConnection()
            let backend = try await connection.backend()
            await #expect(throws: Refusal.self) {
                if useCopy {
                    _ = try await connection.copyOut(endless, into: 0) { _, _ in throw Refusal() }
                } else {
                    _ = try await connection.stream(endless, into: 0) { _, _ in throw Refusal() }
                }
            }
            try await observer.waitUntilNotSleeping(backend)
            #expect(try await postgresError { _ = try await connection.query("SELECT 1") }?.code == .connectionLost)
        }
    }

    @Test func anErrorAmidAStreamIsThrownAfterTheRowsBeforeIt() async throws {
        let connection = try await sharedConnection()
        let rows = Record<Int>()
        let error = try await postgresError {
            let sql = "SELECT 1 / (n - 10) FROM generate_series(1, 20) n"
            _ = try await connection.stream(sql, into: 0) { _, row in rows.append(try row.value(0)) }
        }
        #expect(error?.sqlState == "22012")
        #expect(rows.values.count == 9)
        _ = try await connection.backend()
    }
}
