import Foundation
import PostgresClient
import TestServers
import Testing

@Suite(.timeLimit(.minutes(5))) struct ConnectTests {
    @Test func triesTheNextHostWhenOneRefuses() async throws {
        let server = try await PostgresServer.shared
        let refused = try FreePort.find()
        let connection = try await PostgresConnection.connect(
            PostgresConfiguration(
                connectionString: "postgresql://postgres@127.0.0.1:\(refused),127.0.0.1:\(server.port)/postgres"
            )
        )
        #expect(try await connection.query("SELECT inet_server_port()").value(0, 0, as: Int.self) == server.port)
    }

    @Test func refusalByAllHostsNamesThem() async throws {
        let port = try FreePort.find()
        let configuration = PostgresConfiguration(connectionString: "host=127.0.0.1 port=\(port) password=secret")
        let error = try await postgresError { _ = try await PostgresConnection.connect(configuration) }
        #expect(error?.code == .connectionFailed)
        #expect(error?.isRetriable == true)
        #expect(error?.message.contains("\(port)") == true)
        #expect(error?.message.contains("secret") == false)
    }

    @Test func aBlackHoleTimesOutByOurDeadline() async throws {
        let hole = try SilentListener()
        var configuration = PostgresConfiguration(connectionString: "host=127.0.0.1 port=\(hole.port) user=x")
        configuration.connectTimeout = .milliseconds(200)
        let time = try await elapsed {
            let error = try await postgresError { _ = try await PostgresConnection.connect(configuration) }
            #expect(error?.code == .timedOut)
            #expect(error?.message.contains("127.0.0.1, port \(hole.port)") == true)
        }
        #expect(time >= .milliseconds(200) && time < .seconds(5))
    }

    @Test func connectingCanBeCancelled() async throws {
        let hole = try SilentListener()
        let configuration = PostgresConfiguration(connectionString: "host=127.0.0.1 port=\(hole.port) user=x")
        let task = Task { try await PostgresConnection.connect(configuration) }
        task.cancel()
        let time = try await elapsed {
            let error = try await postgresError { _ = try await task.value }
            #expect(error?.code == .cancelled)
        }
        #expect(time < .seconds(5))
    }

    @Test func aMissingSocketFailsAtOnce() async throws {
        let configuration = PostgresConfiguration(connectionString: "host=/nonexistent user=x")
        let error = try await postgresError { _ = try await PostgresConnection.connect(configuration) }
        #expect(error?.code == .connectionFailed)
    }

    @Test func aWrongPasswordIsNotRepeated() async throws {
        let server = try await PostgresServer.start(
            hostBasedAuthentication: ["host all guarded 127.0.0.1/32 scram-sha-256"]
        )
        let admin = try await PostgresConnection.connect(
            PostgresConfiguration(connectionString: server.connectionString())
        )
        try await admin.execute(script: "CREATE ROLE guarded LOGIN PASSWORD 'correct-horse'")
        var configuration = PostgresConfiguration(
            connectionString: server.connectionString(user: "guarded", overTCP: true) + " password=wrong-battery"
        )
        let caught = try await postgresError { _ = try await PostgresConnection.connect(configuration) }
        let error = try #require(caught)
        #expect(error.code == .connectionFailed)
        #expect(error.message.contains("password authentication failed for user \"guarded\""))
        #expect(!"\(error) \(error.message)".contains("wrong-battery"))
        configuration.password = "correct-horse"
        _ = try await PostgresConnection.connect(configuration)
    }

    @Test func verifiesTheServersCertificate() async throws {
        let right = try await TestCertificate()
        let wrong = try await TestCertificate()
        let server = try await PostgresServer.start(
            settings: ["ssl": "on", "ssl_cert_file": right.certificate, "ssl_key_file": right.key]
        )
        func connect(_ mode: String, _ root: String) async throws -> PostgresConnection {
            let target = server.connectionString(overTCP: true) + " sslmode=\(mode) sslrootcert=\(root)"
            return try await PostgresConnection.connect(PostgresConfiguration(connectionString: target))
        }
        for mode in ["verify-ca", "verify-full"] {
            let connection = try await connect(mode, right.certificate)
            let result = try await connection.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
            #expect(try result.value(0, 0, as: Bool.self))
            let copied = try await connection.copyOut("SELECT generate_series(1, 100000)", into: 0) { sum, row in
                sum += try row.next(Int.self)
            }
            #expect(copied == 5_000_050_000)
            let error = try await postgresError { _ = try await connect(mode, wrong.certificate) }
            #expect(error?.code == .connectionFailed)
            #expect(error?.message.contains("certificate verify failed") == true)
        }
    }
}
