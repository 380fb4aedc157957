import PostgresClient
import Testing

@testable import ActivityDaemon
@testable import Scheduling

struct SchedulerLogTests {
    private func run(_ status: RunOutcome.Status, _ result: String? = nil, late: Duration = .zero)
        -> SchedulerObservation
    {
        .finished(
            SchedulerObservation.Run(
                job: "job",
                nominalAt: PostgresTimestamp(microseconds: 0),
                trigger: .schedule,
                attempt: 1,
                outcome: RunOutcome(status, result: result),
                lateness: late,
                duration: .milliseconds(1),
                isRetried: false,
            )
        )
    }

    @Test func writesNothingOfRunsThatWentWell() {
        let lines = LogLines()
        let log = SchedulerLog(lines.logger())
        log.record(run(.succeeded))
        log.record(run(.skipped))
        log.record(.slots(job: "job", status: .skipped, reason: "paused", count: 1))
        #expect(lines.all.isEmpty)
    }

    @Test func writesOneLineForAFailureThatGoesOnAndOneForItsEnd() {
        let lines = LogLines()
        let log = SchedulerLog(lines.logger())
        for result in ["a", "a", "a", "b", "b"] { log.record(run(.failed, result)) }
        log.record(run(.succeeded))
        log.record(run(.succeeded))
        #expect(lines.all == ["job failed", "job failed", "job recovered"])
    }

    @Test func writesOfRunsThatWereLateAndSlotsThatWereMissed() {
        let lines = LogLines()
        let log = SchedulerLog(lines.logger())
        log.record(run(.succeeded, late: .seconds(2)))
        log.record(.slots(job: "job", status: .missed, reason: nil, count: 3))
        #expect(lines.all == ["job was late", "slots missed"])
    }
}
