import PostgresClient
import TestServers
import Testing

struct PulseTests {
    private static let start = SuspendingClock.now

    @Test func owesNothingAtRest() {
        let pulse = Pulse(patience: .seconds(5))
        #expect(!pulse.isSilent(at: Self.start + .seconds(1000)))
        pulse.beat(at: Self.start)
        pulse.rest()
        #expect(!pulse.isSilent(at: Self.start + .seconds(1000)))
    }

    @Test func isSilentWhenTheLoopDoesNotTurn() {
        let pulse = Pulse(patience: .seconds(5))
        pulse.beat(at: Self.start)
        #expect(!pulse.isSilent(at: Self.start + .seconds(5)))
        #expect(pulse.isSilent(at: Self.start + .seconds(6)))
        pulse.beat(at: Self.start + .seconds(6))
        #expect(!pulse.isSilent(at: Self.start + .seconds(11)))
    }

    @Test func isNotSilentBeforeTheMomentItWaitsFor() {
        let pulse = Pulse(patience: .seconds(5))
        pulse.rest(until: .now + .seconds(60), at: Self.start)
        #expect(!pulse.isSilent(at: Self.start + .seconds(64)))
        #expect(pulse.isSilent(at: Self.start + .seconds(66)))
        pulse.rest(until: .now - .seconds(60), at: Self.start)
        #expect(!pulse.isSilent(at: Self.start + .seconds(5)))
    }

    /// A long statement is no reason to kill the daemon.
    @Test func isGivenWhileTheServerIsWaitedFor() async throws {
        let server = try await PostgresServer.shared
        let client = PostgresClient(PostgresConfiguration(connectionString: server.connectionString()))
        let pulse = Pulse(patience: .zero)
        try await Pulse.$current.withValue(pulse) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try? await client.query("SELECT pg_sleep(3600)").rowCount }
                for _ in 1...2 {
                    // The patience is over at once, so it is silent until the connection gives another beat.
                    try await eventually("it is silent", within: .seconds(60)) { pulse.isSilent() }
                    let before = SuspendingClock.now
                    try await eventually("the connection has given a beat", within: .seconds(60)) {
                        !pulse.isSilent(at: before)
                    }
                }
                group.cancelAll()
            }
        }
        await client.close()
    }
}
