import PostgresClient
import TestServers

/// Writes a random history of `directus_activity` from several connections, so that rows become visible in an order
/// that has little to do with their ids: late commits, rollbacks, prepared transactions, back-dated rows, nulls.
struct RandomHistory {
    private var random: SeededGenerator
    private let writers: [PostgresConnection]
    private var open: Set<Int> = []
    private var prepared: [String] = []
    /// Names of prepared transactions belong to the whole server.
    private let names: String
    private var preparedCount = 0

    /// What rows are made of; the last ones are as odd as Directus lets them be.
    private static let collections =
        ["articles", "pages", "directus_users", "", "ünïcödé", #"quo"te\"# + "\u{1}\n"]
        + (1...12).map { "collection_\($0)" } + [String(repeating: "c", count: 64)]
    private static let actions = ["create", "update", "delete", "login", "run", "comment"]
    private static let ips =
        ["203.0.113.7", "2001:db8::1", "::ffff:198.51.100.4", String(repeating: "?", count: 50), ""]
        + (1...30).map { "10.0.0.\($0)" }

    init(seed: UInt64, writers: [PostgresConnection]) {
        random = SeededGenerator(seed: seed)
        names = "history_\(UInt64.random(in: .min ... .max))"
        self.writers = writers
    }

    /// One random step of one writer.
    mutating func step() async throws {
        let writer = Int.random(in: 0..<writers.count, using: &random)
        switch Int.random(in: 0..<12, using: &random) {
        case 0..<7: try await insert(writer)
        case 7 where !open.contains(writer): try await begin(writer)
        case 8 where open.contains(writer): try await end(writer, "COMMIT")
        case 9 where open.contains(writer): try await end(writer, "ROLLBACK")
        case 10 where open.contains(writer): try await prepare(writer)
        default: try await endPrepared(writer)
        }
    }

    /// Ends every open transaction, some by rollback.
    mutating func finish() async throws {
        for writer in open.sorted() { try await end(writer, Bool.random(using: &random) ? "COMMIT" : "ROLLBACK") }
        while !prepared.isEmpty { try await endPrepared(0) }
    }

    private mutating func begin(_ writer: Int) async throws {
        _ = try await writers[writer].query("BEGIN")
        open.insert(writer)
    }

    private mutating func end(_ writer: Int, _ command: String) async throws {
        _ = try await writers[writer].query(command)
        open.remove(writer)
    }

    private mutating func prepare(_ writer: Int) async throws {
        preparedCount += 1
        try await end(writer, "PREPARE TRANSACTION '\(names)_\(preparedCount)'")
        prepared.append("\(names)_\(preparedCount)")
    }

    /// Not inside of a transaction, where PostgreSQL refuses it.
    private mutating func endPrepared(_ writer: Int) async throws {
        guard let name = prepared.randomElement(using: &random), !open.contains(writer) else { return }
        _ = try await writers[writer].query("\(Bool.random(using: &random) ? "COMMIT" : "ROLLBACK") PREPARED '\(name)'")
        prepared.removeAll { $0 == name }
    }

    private mutating func insert(_ writer: Int) async throws {
        let rows = Int.random(in: 1...40, using: &random)
        let values = (0..<rows).map { _ in row() }.joined(separator: ",")
        _ = try await writers[writer].query(
            "INSERT INTO directus_activity (action, \"user\", \"timestamp\", ip, collection, item) VALUES \(values)"
        )
    }

    private mutating func row() -> String {
        let action = Self.actions.randomElement(using: &random) ?? ""
        let collection = Self.collections.randomElement(using: &random) ?? ""
        let ip = Self.ips.randomElement(using: &random) ?? ""
        let user = Int.random(in: 1...25, using: &random)
        return "(\(literal(action)), \(orNull("md5('\(user)')::uuid")), \(moment()), \(orNull(literal(ip))), "
            + "\(literal(collection)), 'x')"
    }

    private mutating func orNull(_ value: String) -> String {
        Int.random(in: 0..<6, using: &random) == 0 ? "NULL" : value
    }

    /// Mostly the last minutes; sometimes hours or weeks ago, in the near future, or by a clock that is decades wrong.
    private mutating func moment() -> String {
        let milliseconds = Int.random(in: 0..<3_600_000, using: &random)
        let ago = "now() - interval '\(milliseconds) milliseconds'"
        switch Int.random(in: 0..<40, using: &random) {
        case 0: return "'1970-01-01T00:00:00Z'"
        case 1: return "'2100-01-01T00:00:00Z'"
        case 2: return "now() + interval '\(milliseconds) milliseconds'"
        case 3...10: return "\(ago) - interval '\(Int.random(in: 1...60, using: &random)) hours'"
        case 11...14: return "\(ago) - interval '\(Int.random(in: 1...100, using: &random)) days'"
        case 15: return "now() - interval '\(milliseconds * 1000 + 7) microseconds'"
        default: return "date_trunc('milliseconds', \(ago))"
        }
    }

    private func literal(_ text: String) -> String {
        "'" + text.replacing("'", with: "''") + "'"
    }
}
