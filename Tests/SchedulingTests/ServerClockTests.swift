import PostgresClient
import Testing

@testable import Scheduling

struct ServerClockTests {
    private let clock = ServerClock()
    /// A moment on our clock, and what the server's shows then.
    private let start = ContinuousClock.now
    private let noon = PostgresTimestamp(seconds: 1_800_000_000)

    /// Both clocks count whole microseconds, from different moments.
    private static let rounding = Duration.microseconds(2)

    private func ask(_ time: PostgresTimestamp, asked: Duration, answered: Duration) -> Duration {
        clock.record(time, askedAt: start + asked, answeredAt: start + answered)
    }

    /// How far the estimate is ahead at a moment when the server's clock shows `time`.
    private func error(at moment: Duration, _ time: PostgresTimestamp) -> Duration {
        clock.time(at: start + moment) - time
    }

    @Test func standsLongAgoBeforeItHasHeardOfTheServer() {
        #expect(clock.now == .negativeInfinity)
        #expect(clock.time(at: start + .seconds(1 << 30)) == .negativeInfinity)
        #expect(clock.instant(of: noon) <= .now)
    }

    @Test func takesTheMiddleOfTheFirstAnswerAndReportsNoStep() {
        #expect(ask(noon, asked: .zero, answered: .milliseconds(10)) == .zero)
        #expect(abs(error(at: .milliseconds(5), noon)) <= Self.rounding)
    }

    @Test func staysWithinTheBoundsOfEachAnswer() {
        var generator = SystemRandomNumberGenerator()
        var moment = Duration.zero
        for _ in 0..<5_000 {
            moment += .microseconds(Int.random(in: 0...10_000_000, using: &generator))
            let width = Int.random(in: 0...1 << Int.random(in: 0...22, using: &generator), using: &generator)
            let answered = moment + .microseconds(width)
            let read = moment + .microseconds(Int.random(in: 0...width, using: &generator))
            _ = ask(noon + read, asked: moment, answered: answered)
            #expect(error(at: moment, noon + read) <= Self.rounding, "the server read its clock no earlier")
            #expect(error(at: answered, noon + read) >= .zero - Self.rounding, "and no later")
            // It never gets worse than the last answer allows.
            #expect(abs(error(at: read, noon + read)) <= answered - moment + Self.rounding)
            moment = answered
        }
    }

    @Test func neverGetsWorseWhileBothClocksRunAlike() {
        var worst = Duration.seconds(10)
        var moment = Duration.zero
        for width in [4_000, 900, 2_000_000, 30, 50_000, 12, 700_000].map(Duration.microseconds) {
            _ = ask(noon + moment + width / 3, asked: moment, answered: moment + width)
            let now = abs(error(at: moment, noon + moment))
            #expect(now <= worst + Self.rounding)
            worst = min(worst, now)
            moment += width + .seconds(5)
        }
    }

    @Test(arguments: [Duration.zero, .seconds(3), .seconds(8)])
    func aSlowAnswerDoesNotDisturbAGoodEstimate(readAfter: Duration) {
        _ = ask(noon, asked: .zero, answered: .milliseconds(1))
        let before = clock.time(at: start)
        let slow = ask(noon + .seconds(60) + readAfter, asked: .seconds(60), answered: .seconds(68))
        #expect(abs(slow) <= .milliseconds(1))
        #expect(abs(clock.time(at: start) - before) <= .milliseconds(1))
    }

    @Test func leavesAnEstimateAloneThatTheAnswerAllows() {
        _ = ask(noon, asked: .zero, answered: .milliseconds(1))
        let before = clock.time(at: start)
        #expect(ask(noon + .seconds(64), asked: .seconds(60), answered: .seconds(68)) == .zero)
        #expect(clock.time(at: start) == before)
    }

    @Test(arguments: [3600, -3600, 86_400 * 365, 2, -2])
    func followsAStepAtOnceAndSaysHowFar(seconds: Int) {
        _ = ask(noon, asked: .zero, answered: .milliseconds(1))
        let stepped = noon + .seconds(10 + seconds)
        let correction = ask(stepped, asked: .seconds(10), answered: .seconds(10) + .milliseconds(1))
        #expect(abs(correction - .seconds(seconds)) <= .milliseconds(2))
        #expect(abs(error(at: .seconds(10), stepped)) <= .milliseconds(2))
        #expect(ask(stepped + .seconds(5), asked: .seconds(15), answered: .seconds(15) + .milliseconds(1)) == .zero)
    }

    @Test(arguments: [200, -200])
    func followsDriftWithSmallCorrections(partsPerMillion: Int) {
        for round in 0..<2_000 {
            let moment = Duration.seconds(5 * round)
            let time = noon + moment + .microseconds(5 * round * partsPerMillion)
            let correction = ask(time, asked: moment, answered: moment + .milliseconds(1))
            #expect(abs(correction) <= .milliseconds(2))
            #expect(abs(error(at: moment, time)) <= .milliseconds(1) + Self.rounding)
        }
    }

    @Test(arguments: [-86_400, -1.5, 0, 0.000_001, 59.999_999, 315_360_000] as [Double])
    func turnsMomentsIntoTimesAndBack(seconds: Double) {
        _ = ask(noon, asked: .zero, answered: .zero)
        let moment = start + .seconds(seconds)
        #expect(abs(clock.instant(of: clock.time(at: moment)) - moment) <= Self.rounding)
        let time = noon + .seconds(seconds)
        #expect(abs(clock.time(at: clock.instant(of: time)) - time) <= Self.rounding)
    }

    @Test func putsEternityFarAway() {
        _ = ask(noon, asked: .zero, answered: .zero)
        #expect(clock.instant(of: .infinity) > start + .seconds(86_400 * 36_500))
    }

    @Test func runsOnByItself() {
        _ = ask(noon, asked: .zero, answered: .zero)
        let (first, second) = (clock.now, clock.now)
        #expect(noon <= first && first <= second)
    }
}

private func abs(_ duration: Duration) -> Duration { duration < .zero ? .zero - duration : duration }
