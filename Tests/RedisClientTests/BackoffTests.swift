import TestServers
import Testing

@testable import RedisClient

@Suite struct BackoffTests {
    /// The largest of many pauses after so many failures; near to the ceiling, never over it.
    static func largestPause(_ prepared: Backoff) -> Duration {
        var random = SeededGenerator(seed: 7)
        return (0..<1_000).map { _ in
            var backoff = prepared
            return backoff.next(using: &random)
        }.max() ?? .zero
    }

    @Test func doublesItsCeilingUpToTenSeconds() {
        var backoff = Backoff()
        for milliseconds in [100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000] {
            let largest = Self.largestPause(backoff)
            #expect(largest <= .milliseconds(milliseconds))
            #expect(largest > .milliseconds(milliseconds) * 0.95)
            _ = backoff.next()
        }
    }

    @Test func drawsFromTheWholeRange() {
        var random = SeededGenerator(seed: 7)
        let pauses = (0..<1_000).map { _ in
            var backoff = Backoff()
            return backoff.next(using: &random)
        }
        #expect(pauses.allSatisfy { $0 >= .zero })
        #expect(pauses.contains { $0 < .milliseconds(5) })
    }

    @Test func startsAnewOnlyAfterAConnectionThatLasted() {
        var backoff = Backoff()
        for _ in 0..<5 { _ = backoff.next() }
        backoff.connectionEnded(after: .seconds(1))
        #expect(Self.largestPause(backoff) > .seconds(3))
        backoff.connectionEnded(after: .seconds(10))
        #expect(Self.largestPause(backoff) <= .milliseconds(100))
    }
}
