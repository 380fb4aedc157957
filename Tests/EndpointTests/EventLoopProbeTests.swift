import Dispatch
import Endpoint
import NIOCore
import NIOPosix
import TestServers
import Testing

@Suite(.timeLimit(.minutes(1))) struct EventLoopProbeTests {
    private static func withLoops(_ body: (MultiThreadedEventLoopGroup) async throws -> Void) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        try await body(group)
        try await group.shutdownGracefully()
    }

    @Test func isAnsweredByLoopsThatTurn() async throws {
        try await Self.withLoops { group in
            let probe = EventLoopProbe(group)
            #expect(probe.silence() == .zero)
            for _ in 1...3 {
                probe.ask()
                try await eventually("all loops have answered") { probe.silence() == .zero }
            }
        }
    }

    @Test func tellsHowLongABlockedLoopHasBeenSilent() async throws {
        try await Self.withLoops { group in
            let gate = DispatchSemaphore(value: 0)
            group.any().execute { gate.wait() }
            let probe = EventLoopProbe(group)
            let asked = SuspendingClock.now
            probe.ask(at: asked)
            try await eventually("the other loop has answered") {
                probe.silence(at: asked + .seconds(9)) == .seconds(9)
            }
            // What is owed is not forgotten by asking again.
            probe.ask(at: asked + .seconds(5))
            #expect(probe.silence(at: asked + .seconds(10)) == .seconds(10))
            gate.signal()
            try await eventually("the loop goes on") { probe.silence() == .zero }
        }
    }
}
