import Pipeline
import Scheduling

/// What becomes of slots and runs, and what upkeep finds.
struct JobMetrics: Sendable {
    /// Of all daemons.
    let running: Gauge
    private let scheduled: Gauge
    private let runs: Labelled<Counter>
    private let slots: Labelled<Counter>
    private let lateness: Histogram
    private let duration: Histogram
    private let lost: Counter
    private let interruptions: Counter
    private let upkeep: Labelled<Counter>
    private let reconciledHours: Counter
    private let driftedHours: Labelled<Counter>

    init(_ registry: inout MetricRegistry) {
        // Labelled `job_name`, since Prometheus puts a label `job` of its own on everything.
        scheduled = registry.gauge("jobs", "Jobs in the timetable")
        running = registry.gauge("jobs_running", "Runs that are under way, on all daemons")
        runs = registry.counters(
            "job_runs",
            by: ["job_name", "status"],
            "Runs that ended on this daemon: succeeded, failed, canceled or skipped",
        )
        slots = registry.counters(
            "job_slots_not_run",
            by: ["job_name", "status"],
            "Slots that will never run: missed or skipped",
        )
        lateness = registry.histogram(
            "job_lateness_seconds",
            [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 60],
            "From when runs were due to their start",
        )
        duration = registry.histogram(
            "job_run_duration_seconds",
            [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300, 3600],
            "From the start of runs to their end",
        )
        lost = registry.counter("job_runs_lost", "Runs that another daemon took over or ended")
        interruptions = registry.counter(
            "scheduler_interruptions",
            "Times that the scheduler could not ask PostgreSQL",
        )
        upkeep = registry.counters("maintenance", by: ["command"], "Tables and indexes maintained, by command")
        reconciledHours = registry.counter("reconcile_checks", "Hours that were recounted against the raw rows")
        driftedHours = registry.counters(
            "drift_repairs",
            by: ["cause"],
            "Hours whose facts had drifted and were repaired",
        )
        for command in ["VACUUM", "ANALYZE", "REINDEX", "CREATE"] { _ = upkeep[command] }
        for cause in Drift.Cause.allCases { _ = driftedHours[cause.rawValue] }
    }

    func record(_ observation: SchedulerObservation) {
        switch observation {
        case .loaded(let jobs): scheduled.set(Double(jobs))
        case .slots(let job, let status, _, let count): slots[job, status.rawValue].add(Int64(count))
        case .finished(let run): record(run)
        case .lost, .expired: lost.add()
        case .interrupted: interruptions.add()
        case .planned, .cronSchemaLeftAlone, .refusedJob, .foreignDefinition, .clockStepped: break
        }
    }

    private func record(_ run: SchedulerObservation.Run) {
        // Rates need to have seen a zero before the first failure.
        for status in [Slot.Decision.missed, .skipped] { _ = slots[run.job, status.rawValue] }
        for status in RunOutcome.Status.allCases { _ = runs[run.job, status.rawValue] }
        runs[run.job, run.outcome.status.rawValue].add()
        if let late = run.lateness { lateness.observe(late) }
        if let elapsed = run.duration { duration.observe(elapsed) }
    }

    func record(_ done: Upkeep) {
        upkeep[done.command].add()
    }

    func recordReconciled(_ hours: Int, _ drifted: [Drift]) {
        reconciledHours.add(Int64(hours))
        for drift in drifted { driftedHours[drift.cause.rawValue].add() }
    }
}
