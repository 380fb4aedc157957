import Testing

@testable import ActivityDaemon
@testable import Pipeline

struct PipelineLogTests {
    private static let progress = PipelineObservation.progress(
        ServerProgress(command: "REINDEX", subject: "activity.fact_pkey", phase: "building index", share: 0.5)
    )
    private static let upkeep = PipelineObservation.maintained(
        Upkeep(command: "VACUUM", subject: "activity.fact", reason: "5,000 dead rows", duration: .seconds(1))
    )

    @Test func writesALineForEachUpkeep() {
        let lines = LogLines()
        let log = PipelineLog(lines.logger())
        for _ in 0..<2 { log.record(Self.upkeep) }
        #expect(lines.all == ["maintained", "maintained"])
    }

    @Test func writesOfProgressNowAndThenOnly() {
        let lines = LogLines()
        let log = PipelineLog(lines.logger())
        for _ in 0..<3 { log.record(Self.progress) }
        log.record(.progress(nil))
        #expect(lines.all == ["maintenance under way"])
    }
}
