import Foundation
import PostgresClient
import TestServers
import Testing

/// The test server itself: it must end with its owner.
@Suite(.timeLimit(.minutes(5))) struct PostgresServerTests {
    @Test func endsWithItsOwner() async throws {
        var server: PostgresServer? = try await PostgresServer.start()
        let directory = try #require(server?.directory)
        let connection = try await PostgresConnection.connect(
            PostgresConfiguration(connectionString: try #require(server?.connectionString()))
        )
        #expect(try await connection.query("SHOW fsync").value(0, 0, as: String.self) == "off")
        server = nil
        try await eventually("the directory is gone") { !FileManager.default.fileExists(atPath: directory) }
        #expect(try await postgresError { _ = try await connection.query("SELECT 1") }?.code == .connectionLost)
    }

    @Test func copiesATemplateDatabase() async throws {
        let server = try await PostgresServer.shared
        let template = try await server.createDatabase()
        let original = try await PostgresConnection.connect(
            PostgresConfiguration(connectionString: server.connectionString(database: template))
        )
        try await original.execute(script: "CREATE TABLE t AS SELECT 7 AS n")
        await original.close()
        let copy = try await PostgresConnection.connect(
            PostgresConfiguration(
                connectionString: server.connectionString(database: try await server.createDatabase(from: template))
            )
        )
        #expect(try await copy.query("SELECT n FROM t").value(0, 0, as: Int.self) == 7)
    }
}
