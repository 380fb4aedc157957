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
        /// As many as one address may have, for those that are not closed at once.
        var connections = 256
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
            connections: 1,
            arguments: ["-R", "-a", "1", "-b", "3000", "-t", "HEAD"],
        ),
        Attack(
            testDescription: "readers that take 32 bytes in 5 seconds",
            path: "/api/activity/collections",
            arguments: ["-X", "-w", "256", "-y", "512", "-n", "5", "-z", "32", "-k", "3"],
        ),
    ]

    private static let limit = Duration.seconds(40)

    @Test(arguments: attacks)
    func areClosedWithinFortySecondsAndHurtNobody(_ attack: Attack) async throws {
        try await TestServer.with(Fixture.snapshot(withDocumentsOf: 1 << 20)) { server in
            let address = try await server.endpoint.localAddress
            let port = try #require(address.port)
            let usual = try await Self.quietestPercentile(at: address)
            let process = try Self.start(attack, port: port)
            defer { Self.stop(process) }
            try await eventually("the attack has connections") {
                try await Self.established(port) >= attack.connections
            }
            let began = ContinuousClock.now
            let attacked = try await Self.quietestPercentile(at: address)
            try await eventually("all its connections are closed", within: Self.limit) {
                try await Self.established(port) == 0
            }
            let duration = began.duration(to: .now)
            #expect(duration <= Self.limit)
            print(
                "\(attack.testDescription): closed after \(duration), p99 of others \(usual) before, \(attacked) meanwhile"
            )
            // A fifth, and what the noise of a machine amounts to that does other things, too.
            #expect(attacked <= usual * 1.2 + .milliseconds(2))
        }
    }

    private static func start(_ attack: Attack, port: Int) throws -> pid_t {
        let url = "http://127.0.0.1:\(port)\(attack.path)"
        // The attacker burns a processor that the attacked would otherwise not share with it.
        let command = ["nice", "-n", "19", "slowhttptest", "-c", "256", "-r", "256", "-l", "120", "-u", url]
        return try Subprocess.start(command + attack.arguments)
    }

    private static func stop(_ process: pid_t) {
        kill(process, SIGKILL)
        DispatchQueue(label: "SlowAttackTests.reaper").async { _ = Subprocess.reap(process) }
    }

    /// Connections from 127.0.0.1 to the server, as the kernel has them on the server's side: what the attacker has not
    /// read yet is its own affair.
    private static func established(_ port: Int) async throws -> Int {
        let server = String(format: "0100007F:%04X", port)
        // Foundation reads nothing of a file that says it is empty.
        let lines = try await Subprocess.run(["cat", "/proc/net/tcp"]).split(separator: "\n")
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

    /// The least 99th percentile of three spells, because whatever else the machine does comes and goes.
    private static func quietestPercentile(at address: SocketAddress) async throws -> Duration {
        var quietest = Duration.seconds(60)
        for _ in 1...3 {
            let sorted = try await latencies(at: address, for: .seconds(4)).sorted()
            quietest = min(quietest, sorted[sorted.count * 99 / 100])
        }
        return quietest
    }
}
