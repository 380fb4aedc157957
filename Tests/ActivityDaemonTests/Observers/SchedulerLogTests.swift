import Logging
import PostgresClient
import Synchronization
import Testing

@testable import ActivityDaemon
@testable import Scheduling

struct SchedulerLogTests {
    /// Keeps what is logged at info and above.
    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])

        var all: [String] { lines.withLock(\.self) }

        func logger() -> Logger {
            var logger = Logger(label: "test") { _ in Handler(lines: self) }
            logger.logLevel = .info
            return logger
        }

        struct Handler: LogHandler {
            let lines: Lines
            var logLevel = Logger.Level.info
            var metadata: Logger.Metadata = [:]
            subscript(metadataKey key: String) -> Logger.Metadata.Value? {
                get { metadata[key] }
                set { metadata[key] = newValue }
            }
            func log(event: LogEvent) {
                lines.lines.withLock { $0.append("\(event.message)") }
            }
        }
    }

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
        let lines = Lines()
        let log = SchedulerLog(lines.logger())
        log.record(run(.succeeded))
        log.record(run(.skipped))
        log.record(.slots(job: "job", status: .skipped, reason: "paused", count: 1))
        #expect(lines.all.isEmpty)
    }

    @Test func writesOneLineForAFailureThatGoesOnAndOneForItsEnd() {
        let lines = Lines()
        let log = SchedulerLog(lines.logger())
        for result in ["a", "a", "a", "b", "b"] { log.record(run(.failed, result)) }
        log.record(run(.succeeded))
        log.record(run(.succeeded))
        #expect(lines.all == ["job failed", "job failed", "job recovered"])
    }

    @Test func writesOfRunsThatWereLateAndSlotsThatWereMissed() {
        let lines = Lines()
        let log = SchedulerLog(lines.logger())
        log.record(run(.succeeded, late: .seconds(2)))
        log.record(.slots(job: "job", status: .missed, reason: nil, count: 3))
        #expect(lines.all == ["job was late", "slots missed"])
    }
}
