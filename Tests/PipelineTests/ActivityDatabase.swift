import ActivitySQL
import Detection
import Foundation
import Pipeline
import PostgresClient
import TestServers

/// A fresh database with Directus's table as one of its versions makes it.
struct ActivityDatabase: Sendable {
    let sql = ActivitySQL()
    let client: PostgresClient
    let connectionString: String

    enum DirectusVersion: String, CaseIterable {
        case v10, v11
    }

    struct MissingFixture: Error, CustomStringConvertible {
        let path: String
        var description: String { "\(path) is absent: these tests read the fixtures in ../shared beside the project" }
    }

    init(
        _ version: DirectusVersion = .v11,
        migrated: Bool = true,
        on server: PostgresServer? = nil,
        tablespace: String = "pg_default",
    ) async throws {
        let server = if let server { server } else { try await PostgresServer.shared }
        connectionString = server.connectionString(database: try await server.createDatabase(tablespace: tablespace))
        var configuration = PostgresConfiguration(connectionString: connectionString)
        // As the daemon has it: compiling the feed's statement takes seconds, running it milliseconds.
        configuration.sessionSettings = ["jit": "off"]
        client = PostgresClient(configuration)
        let fixture = try Self.fixture(version)
        try await client.withConnection { connection in
            try await connection.execute(script: fixture)
            if migrated { _ = try await Migrator(sql.ownSchema).migrate(connection) }
        }
    }

    private static func fixture(_ version: DirectusVersion) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let path = root.appending(path: "../shared/data/directus_\(version.rawValue).sql").standardized.path
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { throw MissingFixture(path: path) }
        return text
    }

    /// Feeds until every visible row is in the facts.
    ///
    /// - Returns: the rows fed.
    @discardableResult
    func feed(batchSize: Int = 1000) async throws -> Int {
        var rows = 0
        while case .batch(let batch) = try await ingest(batchSize: batchSize) {
            rows += batch.rows
            guard batch.hasMore else { break }
        }
        return rows
    }

    func ingest(batchSize: Int = 1000) async throws -> Feed.Outcome {
        try await client.withConnection { try await newFeed(batchSize: batchSize).ingest($0) }
    }

    /// Its server alone, without a replica.
    var servers: DatabaseServers { DatabaseServers(primary: client, sql, observe: { _ in }) }

    /// A feed that goes on from what is stored.
    func newFeed(batchSize: Int = 1000, detection settings: DetectionSettings = DetectionSettings()) -> Feed {
        Feed(sql, batchSize: batchSize, detection: FeedDetection(sql, settings: { settings }))
    }

    func execute(_ script: String) async throws {
        _ = try await client.withConnection { try await $0.execute(script: script) }
    }

    func number(_ statement: String) async throws -> Int {
        Int(try await client.query("SELECT (\(statement))::bigint").value(0, 0, as: Int64.self))
    }

    /// The rows of a question, their columns with blanks between them.
    func lines(_ columns: String, from source: String) async throws -> [String] {
        try await client.query("SELECT concat_ws(' ', \(columns)) FROM \(source)").map { try $0.value(0) }
    }
}

/// Asks again when an hour ended meanwhile, since windows move with it.
func withinOneHour<Answer>(_ ask: () async throws -> Answer) async throws -> Answer {
    while true {
        let hour = Int(Date().timeIntervalSince1970) / 3600
        let answer = try await ask()
        if Int(Date().timeIntervalSince1970) / 3600 == hour { return answer }
    }
}
