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
            // Runs into its time-out.
            async let rows = try? client.query("SELECT pg_sleep(60)", timeout: .seconds(7)).rowCount
            var beats = 0
            while beats < 2 {
                // The patience is over at once, so it is silent until the connection has given another beat.
                try await eventually("it is silent") { pulse.isSilent() }
                let before = SuspendingClock.now
                try await eventually("the connection has given a beat", within: .seconds(30)) {
                    !pulse.isSilent(at: before)
                }
                beats += 1
            }
            #expect(await rows == nil)
        }
        await client.close()
    }
}
