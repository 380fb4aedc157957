import Activity
import Foundation
import Glibc
import NIOCore
import Synchronization
import TestServers
import Testing

@testable import Endpoint

/// The four attacks of slowhttptest against the usual bounds, as many connections as one address may have. Takes
/// minutes, so only `Tests/slow-attacks` runs it.
@Suite(
    "Slow attacks",
    .serialized,
    .enabled(if: ProcessInfo.processInfo.environment["ACTIVITYD_SLOW_ATTACKS"] == "1"),
    .timeLimit(.minutes(5)),
)
struct SlowAttackTests {
    struct Attack: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let path: String
        let arguments: [String]
    }

    private static let attacks = [
        Attack(
            testDescription: "heads that never end (slowloris)",
            path: "/",
            arguments: ["-H", "-i", "5", "-t", "GET"],
        ),
        Attack(
            testDescription: "bodies that never end",
            path: "/api/activity/auth-events",
            arguments: ["-B", "-i", "5", "-s", "8192", "-t", "POST", "-f", "application/json"],
        ),
        Attack(
            testDescription: "thousands of ranges",
            path: "/api/activity/collections",
            arguments: ["-R", "-a", "1", "-b", "3000", "-t", "HEAD"],
        ),
        Attack(
            testDescription: "readers that take 32 bytes in 5 seconds",
            path: "/api/activity/collections",
            arguments: ["-X", "-w", "256", "-y", "512", "-n", "5", "-z", "32", "-k", "3"],
        ),
    ]

    /// As many as one address may have.
    private static let connections = 256
    private static let limit = Duration.seconds(40)

    @Test(arguments: attacks)
    func areClosedWithinFortySecondsAndHurtNobody(_ attack: Attack) async throws {
        try await TestServer.with(Fixture.snapshot(withDocumentsOf: 1 << 20)) { server in
            let address = try await server.endpoint.localAddress
            let port = try #require(address.port)
            let before = try await Self.latencies(at: address, for: .seconds(15))
            let process = try Self.start(attack, port: port)
            defer { Self.stop(process) }
            try await eventually("the attack has its connections") {
                try Self.established(port) >= Self.connections
            }
            let began = ContinuousClock.now
            let during = try await Self.latencies(at: address, for: .seconds(15))
            try await eventually("all its connections are closed", within: Self.limit) {
                try Self.established(port) == 0
            }
            let duration = began.duration(to: .now)
            #expect(duration <= Self.limit)
            let (usual, attacked) = (Self.percentile(before, 0.99), Self.percentile(during, 0.99))
            print(
                "\(attack.testDescription): closed after \(duration), p99 of others \(usual) before, \(attacked) meanwhile"
            )
            // A fifth, and what a machine's own noise amounts to.
            #expect(attacked <= usual * 1.2 + .milliseconds(2))
        }
    }

    private static func start(_ attack: Attack, port: Int) throws -> pid_t {
        let url = "http://127.0.0.1:\(port)\(attack.path)"
        let number = String(connections)
        return try Subprocess.start(
            ["slowhttptest", "-c", number, "-r", "256", "-l", "120", "-u", url] + attack.arguments
        )
    }

    private static func stop(_ process: pid_t) {
        kill(process, SIGKILL)
        DispatchQueue(label: "SlowAttackTests.reaper").async { _ = Subprocess.reap(process) }
    }

    /// Connections from 127.0.0.1 to the server, as the kernel has them on the server's side: what the attacker has not
    /// read yet is its own affair.
    private static func established(_ port: Int) throws -> Int {
        let server = String(format: "0100007F:%04X", port)
        let lines = try String(contentsOfFile: "/proc/net/tcp", encoding: .utf8).split(separator: "\n")
        return lines.filter { line in
            let words = line.split(separator: " ")
            return words.count > 3 && words[1] == server && words[2].hasPrefix("0100007F:") && words[3] == "01"
        }.count
    }

    /// How long each request of somebody else takes, from another address of this machine.
    private static func latencies(at address: SocketAddress, for period: Duration) async throws -> [Duration] {
        try await TestConnection.with(address, from: "127.0.0.2") { connection in
            var latencies: [Duration] = []
            let end = ContinuousClock.now.advanced(by: period)
            while ContinuousClock.now < end {
                let began = ContinuousClock.now
                let response = try await connection.get("/api/activity/users?limit=10")
                latencies.append(began.duration(to: .now))
                try #require(response.status == 200)
                // Somebody who looks now and then, not another attack.
                try await Task.sleep(for: .milliseconds(2))
            }
            return latencies
        }
    }

    private static func percentile(_ latencies: [Duration], _ part: Double) -> Duration {
        let sorted = latencies.sorted()
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
    }
}
