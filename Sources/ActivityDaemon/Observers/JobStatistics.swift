package import Scheduling

/// What became of slots and runs since the daemon started.
package struct JobStatistics: Sendable, Hashable {
    /// In the timetable.
    package private(set) var jobs = 0
    package private(set) var succeeded: Int64 = 0
    package private(set) var failed: Int64 = 0
    package private(set) var canceled: Int64 = 0
    /// Slots that somebody wanted to be skipped, and runs that found nothing to do.
    package private(set) var skipped: Int64 = 0
    package private(set) var missed: Int64 = 0
    /// From the time a run was due to its start.
    package private(set) var longestLateness = Duration.zero
    private var latenessSum = Duration.zero
    private var latenessCount = 0

    /// Nothing has happened yet.
    package init() {}

    /// The mean time from when a run was due to its start.
    package var meanLateness: Duration { latenessCount == 0 ? .zero : latenessSum / latenessCount }

    /// Takes note of what happened.
    package mutating func record(_ observation: SchedulerObservation) {
        switch observation {
        case .loaded(let jobs): self.jobs = jobs
        case .slots(_, .missed, _, let count): missed += Int64(count)
        case .slots(_, .skipped, _, let count): skipped += Int64(count)
        case .finished(let run): record(run)
        default: break
        }
    }

    private mutating func record(_ run: SchedulerObservation.Run) {
        switch run.outcome.status {
        case .succeeded: succeeded += 1
        case .failed: failed += 1
        case .canceled: canceled += 1
        case .skipped: skipped += 1
        }
        guard let lateness = run.lateness else { return }
        latenessSum += lateness
        latenessCount += 1
        longestLateness = max(longestLateness, lateness)
    }
}
