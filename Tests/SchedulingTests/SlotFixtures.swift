import Cron
import Foundation
import PostgresClient
import Scheduling

extension PostgresTimestamp {
    /// A time such as `2026-03-29T01:00:00Z`.
    init(utc text: String) throws {
        let seconds = try Date(text, strategy: .iso8601).timeIntervalSince1970
        self.init(microseconds: Int64(seconds) * 1_000_000)
    }

    /// Whole seconds since 1970.
    init(seconds: Int64) { self.init(microseconds: seconds * 1_000_000) }
}

extension Job {
    /// A job whose action does nothing.
    static func idle(
        _ schedule: String,
        _ name: String = "idle",
        in zone: TimeZoneRules = .utc,
        isActive: Bool = true,
        _ change: (inout JobPolicy) -> Void = { _ in },
    ) throws -> Job {
        var policy = JobPolicy()
        change(&policy)
        return Job(
            name,
            try CronSchedule(schedule),
            in: zone,
            policy: policy,
            isActive: isActive,
            action: .builtIn(BuiltInAction(run: { .done("") })),
        )
    }
}

extension Timetable {
    /// A timetable of one job.
    init(_ job: Job, _ progress: JobProgress) {
        self.init()
        set(job, progress)
    }

    /// Decides everything that is due at a time, as the scheduler does: in rounds, until nothing is.
    mutating func decideAll(at now: PostgresTimestamp) -> [Decisions] {
        var all: [Decisions] = []
        while true {
            let round = decisions(at: now)
            guard !round.isEmpty else { return all }
            for decisions in round { move(decisions.job.name, to: decisions.until) }
            all += round
        }
    }
}

extension Slot {
    /// Decision, trigger and reason, as far as they say something.
    var words: String {
        let isRun = decision == .run || decision == .queue
        return [decision.rawValue, isRun ? trigger.rawValue : nil, reason].compactMap(\.self).joined(separator: " ")
    }
}
