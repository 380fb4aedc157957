import Activity
import Testing

@testable import ActivityDaemon
@testable import Pipeline

struct PipelineLogTests {
    private let lines = LogLines()
    private let log: PipelineLog

    init() {
        log = PipelineLog(lines.logger())
    }

    @Test func writesALineForEachHourThatDrifted() {
        log.record(.reconciled(hours: 12, drifted: []))
        #expect(lines.all.isEmpty)
        log.record(.reconciled(hours: 12, drifted: drifted(2)))
        #expect(lines.all == Array(repeating: "facts had drifted and were repaired", count: 2))
    }

    @Test func writesTenLinesAndASummaryAtMost() {
        log.record(.reconciled(hours: 12, drifted: drifted(12)))
        #expect(lines.all.count == 11)
        #expect(lines.all.last == "more facts had drifted")
    }

    @Test func saysOnceThatTheReplicaIsPassedOverAndOnceThatItIsReadAgain() {
        log.record(.replicaRead)
        for batches in 1...5 { log.record(.replicaPassedOver(ReplicaError.behind(batches: Int64(batches)))) }
        log.record(.replicaRead)
        log.record(.replicaRead)
        #expect(lines.all == ["primary is read instead of the replica", "replica is read again"])
    }

    @Test func writesALineForEachUpkeep() {
        let upkeep = Upkeep(
            command: "VACUUM",
            subject: "activity.fact",
            reason: "5,000 dead rows",
            duration: .seconds(1),
        )
        for _ in 0..<2 { log.record(.maintained(upkeep)) }
        #expect(lines.all == ["maintained", "maintained"])
    }

    @Test func writesOfProgressNowAndThenOnly() {
        let progress = ServerProgress(
            command: "REINDEX",
            subject: "activity.fact_pkey",
            phase: "building index",
            share: 0.5,
        )
        for _ in 0..<3 { log.record(.progress(progress)) }
        log.record(.progress(nil))
        #expect(lines.all == ["maintenance under way"])
    }

    @Test func saysOnceThatAlertsCannotBeRelayedAndOnceThatTheyCan() {
        for _ in 0..<3 { log.record(.relayFailed(ReplicaError.behind(batches: 1), backlog: nil)) }
        log.record(.relayRewound(from: 9, to: 0))
        log.record(.relayed(RelayProgress(events: 1, lastSequence: 10, pending: 0)))
        log.record(.relayIdle(lastSequence: 10))
        #expect(
            lines.all == [
                "alerts cannot be relayed", "redis has lost alerts, which are written to its stream again",
                "relay of alerts recovered",
            ]
        )
    }

    private func drifted(_ count: Int) -> [Drift] {
        (0..<count).map { index in
            Drift(hour: Timestamp(microseconds: Int64(index) * 3_600_000_000), before: 2, after: 1, cause: .deleted)
        }
    }
}
