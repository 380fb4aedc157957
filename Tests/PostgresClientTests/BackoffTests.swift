import PostgresClient
import Testing

@Suite struct BackoffTests {
    /// Always the lowest or the highest number.
    struct Fixed: RandomNumberGenerator {
        let bits: UInt64
        func next() -> UInt64 { bits }
    }

    @Test func boundsDoubleUpToTheLimit() {
        var backoff = Backoff(base: .milliseconds(100), limit: .seconds(1))
        var bounds: [Duration] = []
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<6 {
            bounds.append(backoff.bound)
            _ = backoff.next(using: &generator)
        }
        #expect(bounds == [100, 200, 400, 800, 1000, 1000].map { .milliseconds($0) })
    }

    @Test(arguments: [(UInt64.min, 0.0), (UInt64.max, 1.0)])
    func delaysSpanEverythingUpToTheBound(bits: UInt64, share: Double) {
        var backoff = Backoff(base: .seconds(1), limit: .seconds(60))
        var generator = Fixed(bits: bits)
        let delay = backoff.next(using: &generator) / .seconds(1)
        #expect(abs(delay - share) < 1e-9)
    }

    @Test func delaysNeverExceedTheirBound() {
        var backoff = Backoff(base: .milliseconds(10), limit: .seconds(3))
        for _ in 0..<1000 {
            let bound = backoff.bound
            let delay = backoff.next()
            #expect(delay >= .zero && delay <= bound)
        }
    }

    @Test func startsAgainAfterSuccess() {
        var backoff = Backoff(base: .milliseconds(100), limit: .seconds(10))
        for _ in 0..<5 { _ = backoff.next() }
        backoff.reset()
        #expect(backoff.bound == .milliseconds(100))
        #expect(backoff.attempts == 0)
    }

    @Test func manyAttemptsDoNotOverflow() {
        var backoff = Backoff(base: .milliseconds(1), limit: .seconds(3600))
        for _ in 0..<10_000 { _ = backoff.next() }
        #expect(backoff.bound == .seconds(3600))
    }
}
