import Testing

@testable import Scheduling

struct LeaseWatchTests {
    private let start = SuspendingClock.now

    private func run(_ id: Int64, _ heartbeat: Int32 = 0) -> JobLedger.ForeignRun {
        JobLedger.ForeignRun(id: id, heartbeat: heartbeat)
    }

    @Test func waitsAWholeLeaseFromWhenItFirstSawARun() {
        var watch = LeaseWatch()
        #expect(watch.silent(among: [run(1)], at: start).isEmpty)
        let almost = start + LeaseWatch.lease - .nanoseconds(1)
        #expect(watch.silent(among: [run(1)], at: almost).isEmpty)
        #expect(watch.silent(among: [run(1)], at: start + LeaseWatch.lease) == [run(1)])
    }

    @Test func aSignOfLifeBeginsANewLease() {
        var watch = LeaseWatch()
        var now = start
        for heartbeat in 0..<20 {
            #expect(watch.silent(among: [run(1, Int32(heartbeat))], at: now).isEmpty)
            now += .seconds(10)
        }
        #expect(watch.silent(among: [run(1, 19)], at: now + .seconds(5)) == [run(1, 19)])
    }

    @Test func forgetsRunsThatAreNoLongerUnderWay() {
        var watch = LeaseWatch()
        _ = watch.silent(among: [run(1)], at: start)
        _ = watch.silent(among: [], at: start + .seconds(10))
        #expect(watch.silent(among: [run(1)], at: start + .seconds(20)).isEmpty)
        #expect(watch.silent(among: [run(1)], at: start + .seconds(35)) == [run(1)])
    }

    @Test func namesTheSilentOnesOnlyAndInOrder() {
        var watch = LeaseWatch()
        _ = watch.silent(among: [run(3), run(1), run(2)], at: start)
        let silent = watch.silent(among: [run(3), run(2, 1), run(1), run(4)], at: start + LeaseWatch.lease)
        #expect(silent == [run(1), run(3)])
    }

    @Test func saysItAgainUntilSomethingIsDone() {
        var watch = LeaseWatch()
        _ = watch.silent(among: [run(1)], at: start)
        for seconds in [15, 20, 25] {
            #expect(watch.silent(among: [run(1)], at: start + .seconds(seconds)) == [run(1)])
        }
    }

    @Test func sparesRunsSeenForTheFirstTimeAfterALongSleep() {
        var watch = LeaseWatch()
        _ = watch.silent(among: [run(1)], at: start)
        #expect(watch.silent(among: [run(2)], at: start + .seconds(3600)).isEmpty)
    }
}
