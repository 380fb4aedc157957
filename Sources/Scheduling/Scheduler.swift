import ActivitySQL
import PostgresClient
import ServiceLifecycle

/// Decides slots, and has their runs done: the loop that knows the time.
///
/// See Scheduling.md for the states of a run and the proof that each slot is decided once.
package actor Scheduler: Service {
    private let settings: Settings
    private let observe: @Sendable (SchedulerObservation) -> Void
    private let clock = ServerClock()
    private let alarm = Alarm()
    private let active = ActiveRuns()
    private let decisionsClient: PostgresClient
    private let recordsClient: PostgresClient
    private let sessions: JobSessions
    private let ledger: JobLedger
    private let runner: JobRunner
    private let completions: Completions
    private let cronJobs: CronJobSource

    private var timetable = Timetable()
    private var jobs: [String: Job] = [:]
    private var era: Int32 = 0
    /// The definitions that this daemon has registered, by job.
    private var registered: [String: String] = [:]
    /// Jobs that another daemon runs by another schedule.
    private var foreignJobs: Set<String> = []
    /// What was reported of rows of `cron.job`, so that it is said once.
    private var refusals: Set<CronJobSource.Refusal> = []
    private var leases = LeaseWatch()
    private var nextSweep = ContinuousClock.now
    private var nextReload = ContinuousClock.now
    /// Commands that are due before this have their sessions.
    private var preparedUntil = PostgresTimestamp.negativeInfinity
    /// What was told of the next slot.
    private var plannedNext: PlannedSlot?
    private var work: AsyncStream<@Sendable () async -> Void>.Continuation?

    /// What looks for changes that nobody was notified of.
    private static let sweepInterval = Duration.seconds(5)
    /// Notifications may be lost, and other daemons may have changed their minds about their own jobs.
    private static let reloadInterval = Duration.seconds(60)
    /// A sweep does not come so shortly before a slot.
    private static let quietBeforeSlot = Duration.milliseconds(100)
    /// Sessions are opened so long before they are needed.
    private static let preparation = Duration.seconds(1)
    /// Runs get so long to end by themselves when the daemon stops.
    private static let shutdownGrace = Duration.seconds(5)
    /// A call to the ledger carries no more slots than this, unless they are of one job. So the first of many start
    /// while the others are decided, and the server may join what it is sent in any way.
    private static let slotsPerCall = 100

    /// A scheduler; nothing is connected yet.
    package init(_ settings: Settings, observe: @escaping @Sendable (SchedulerObservation) -> Void) {
        self.settings = settings
        self.observe = observe
        var configuration = settings.postgres
        configuration.applicationName = "activityd scheduler"
        configuration.maximumConnections = 2
        decisionsClient = PostgresClient(configuration)
        // Ends are recorded beside decisions, so that neither waits for the other.
        recordsClient = PostgresClient(configuration)
        let owner = Self.newOwner()
        sessions = JobSessions(settings.postgres, owner: owner, roleSwitch: settings.roleSwitch)
        ledger = JobLedger(postgres: decisionsClient, sql: settings.sql, clock: clock, owner: owner)
        let records = JobLedger(postgres: recordsClient, sql: settings.sql, clock: clock, owner: owner)
        completions = Completions(records) { observe(.interrupted($0, retryAfter: $1)) }
        cronJobs = CronJobSource(timeZones: TimeZoneDatabase(), defaultZone: settings.timeZone)
        runner = JobRunner(
            clock: clock,
            sessions: sessions,
            places: FairQueue(places: settings.concurrency),
            active: active,
            completions: completions,
            alarm: alarm,
            observe: observe,
        )
    }

    /// Sixteen hexadecimal digits, drawn anew at each start.
    private static func newOwner() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Runs that this daemon has under way.
    package nonisolated var runsUnderWay: Int { active.count }

    /// Has the definitions of all jobs loaded again.
    package nonisolated func reload() {
        alarm.ring(.definitions)
    }

    /// Runs jobs until the task is cancelled or the service group shuts down; then those under way get a few seconds.
    package func run() async {
        let (work, continuation) = AsyncStream.makeStream(of: (@Sendable () async -> Void).self)
        self.work = continuation
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.completions.run() }
            group.addTask { await self.listen() }
            await withTaskGroup(of: Void.self) { runs in
                runs.addTask {
                    await withDiscardingTaskGroup { group in
                        for await item in work { group.addTask { await item() } }
                    }
                }
                await cancelWhenGracefulShutdown {
                    await Pulse.$current.withValue(self.settings.pulse) { await self.planPatiently() }
                }
                self.settings.pulse.rest()
                continuation.finish()
                await self.endRuns(runs: &runs)
            }
            group.cancelAll()
        }
        await sessions.closeIdle(all: true)
        await decisionsClient.close()
        await recordsClient.close()
    }

    private func endRuns(runs: inout TaskGroup<Void>) async {
        let active = active
        runs.addTask {
            // Cut short by the end of the last run.
            guard (try? await Task.sleep(for: Self.shutdownGrace)) != nil else { return }
            active.endAll(.shutdown)
        }
        await runs.next()
        runs.cancelAll()
    }

    private func listen() async {
        let notifications = decisionsClient.listen(to: ["activityd_jobs"])
        do {
            for try await notification in notifications {
                switch notification {
                case .connected, .notification(_, ""): alarm.ring(.definitions)
                case .notification(_, "cancel"): alarm.ring(.cancellations)
                case .notification: alarm.ring(.queue)
                }
            }
        } catch {
            // What cannot be mended fails the loop as well, which says so; sweeps stand in for notifications.
        }
    }
}

// MARK: - The loop

extension Scheduler {
    private func planPatiently() async {
        var backoff = Backoff(base: .milliseconds(200), limit: .seconds(5))
        while !Task.isCancelled {
            settings.pulse.beat()
            do {
                // It may wait until others give a connection back; its statements beat.
                settings.pulse.rest()
                try await settings.prepare()
                settings.pulse.beat()
                try await reloadJobs()
                backoff.reset()
                try await plan()
            } catch {
                guard !Task.isCancelled else { return }
                let pause = backoff.next()
                observe(.interrupted(error, retryAfter: pause))
                settings.pulse.rest(until: .now + pause)
                // The back-off. Cancelling ends it early, and the loop sees that.
                try? await Task.sleep(for: pause)
            }
        }
    }

    private func plan() async throws {
        var signals: Set<Alarm.Signal> = [.queue]
        while !Task.isCancelled {
            settings.pulse.beat()
            if signals.contains(.definitions) { try await reloadJobs() }
            if signals.contains(.cancellations) { try await renew(olderThan: .zero) }
            try await decide()
            if signals.contains(.queue) { try await startQueued() }
            prepareSessions()
            if isTimeToSweep { try await sweep() }
            tellNext()
            let wake = nextWake
            settings.pulse.rest(until: wake)
            signals = await alarm.wait(until: wake)
        }
    }

    private func tellNext() {
        let next = timetable.next
        guard next != plannedNext else { return }
        plannedNext = next
        observe(.planned(next: next))
    }

    private var nextWake: ContinuousClock.Instant {
        guard let due = timetable.nextDue else { return nextSweep }
        let slot = clock.instant(of: due)
        let preparation = slot - Self.preparation
        return min(nextSweep, due > preparedUntil && preparation > .now ? preparation : slot)
    }

    private var isTimeToSweep: Bool {
        let now = ContinuousClock.now
        guard now >= nextSweep else { return false }
        guard let due = timetable.nextDue, now < nextSweep + Self.sweepInterval else { return true }
        let isQuiet = clock.instant(of: due) - now > Self.quietBeforeSlot
        if !isQuiet { nextSweep = clock.instant(of: due) + Self.quietBeforeSlot }
        return isQuiet
    }

    /// Decides what is due, until nothing is.
    private func decide() async throws {
        while !Task.isCancelled {
            let due = timetable.decisions(at: clock.now)
            guard !due.isEmpty else { return }
            // People's jobs first: they are on their way before the daemon's own take the processor.
            let (commands, builtIn) = (due.filter(\.job.isCommand), due.filter { !$0.job.isCommand })
            for call in commands.chunked(slots: Self.slotsPerCall) + builtIn.chunked(slots: Self.slotsPerCall) {
                try await decide(call)
            }
        }
    }

    private func decide(_ decisions: [Decisions]) async throws {
        let answer = try await ledger.decide(decisions)
        for claim in answer.claims { start(claim) }
        let byName = Dictionary(decisions.map { ($0.job.name, $0) }) { first, _ in first }
        for job in answer.jobs {
            guard job.isCurrent, let watermark = job.watermark else {
                timetable.remove(job.job)
                alarm.ring(.definitions)
                continue
            }
            timetable.move(job.job, to: watermark)
            guard let decision = byName[job.job] else { continue }
            if job.hasMoved { report(decision) } else if watermark >= decision.until { follow(decision.job) }
        }
        if decisions.contains(where: { $0.slots.contains { $0.decision == .queue } }) { try await startQueued() }
        try await notice(answer.position)
    }

    private func report(_ decisions: Decisions) {
        for slot in decisions.slots where slot.decision == .missed || slot.decision == .skipped {
            let count = slot.count ?? TimetableEntry.countLimit
            observe(.slots(job: decisions.job.name, status: slot.decision, reason: slot.reason, count: count))
        }
    }

    /// Another era or a jump of the clock changes what is due.
    private func notice(_ position: JobLedger.Position) async throws {
        if abs(position.clockCorrection.microseconds) > 1_000_000 {
            observe(.clockStepped(position.clockCorrection))
            preparedUntil = .negativeInfinity
        }
        if position.era != era { try await reloadJobs() }
    }

    private func startQueued() async throws {
        for claim in try await ledger.startQueued() {
            if jobs[claim.job] == nil { try await reloadJobs() }
            start(claim)
        }
    }

    private func start(_ claim: Claim) {
        let job = jobs[claim.job]
        active.add(claim)
        work?.yield { [runner] in await runner.run(claim, job) }
    }

    private func follow(_ job: Job) {
        guard case .builtIn(let action) = job.action, let follow = action.follow else { return }
        work?.yield(follow)
    }

    private func prepareSessions() {
        let until = clock.now + Self.preparation
        guard let due = timetable.nextDue, due < until, due > preparedUntil else { return }
        preparedUntil = until
        let sessions = sessions
        for (session, commands) in Dictionary(grouping: timetable.commands(dueBefore: until), by: \.session) {
            let count = min(commands.count, settings.concurrency)
            work?.yield { await sessions.prepare(count, session) }
        }
    }
}

// MARK: - Looking around

extension Scheduler {
    private func sweep() async throws {
        nextSweep = .now + Self.sweepInterval
        let sweep = try await ledger.sweep()
        if sweep.wasSetBack || nextReload < .now { try await reloadJobs() }
        try await notice(sweep.position)
        if sweep.hasQueued { try await startQueued() }
        try await renew(olderThan: Self.sweepInterval)
        let silent = leases.silent(among: sweep.foreignRuns)
        if !silent.isEmpty {
            for run in try await ledger.expire(silent) { observe(.expired(job: run.job, owner: run.owner)) }
            try await startQueued()
        }
        let sessions = sessions
        work?.yield { await sessions.closeIdle() }
    }

    private func renew(olderThan age: Duration) async throws {
        let signs = active.signs(olderThan: age)
        guard !signs.isEmpty else { return }
        let isUnwanted = try await ledger.renew(signs)
        active.end(isUnwanted.filter(\.value).keys, .requested)
        // A run that has ended meanwhile is not active any more, and is not lost.
        active.end(signs.map(\.claim.id).filter { isUnwanted[$0] == nil }, .lost)
    }
}

// MARK: - Definitions

extension Scheduler {
    private func reloadJobs() async throws {
        nextReload = .now + Self.reloadInterval
        let cron = try await decisionsClient.withConnection { [cronJobs] connection in
            try await cronJobs.load(connection)
        }
        for refusal in cron.refusals where !refusals.contains(refusal) { observe(refusal.observation) }
        refusals = Set(cron.refusals)
        let all = settings.builtIn() + cron.jobs
        jobs = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
        let changed = Set(all.filter { registered[$0.name] != $0.definition }.map(\.name))
        let (position, progress) = try await ledger.register(all, changed: changed)
        timetable = Timetable()
        for job in all {
            if let progress = progress[job.name] { timetable.set(job, progress) }
            registered[job.name] = job.definition
        }
        let foreign = Set(all.map(\.name).filter { progress[$0] == nil })
        for name in foreign.subtracting(foreignJobs).sorted() { observe(.foreignDefinition(name)) }
        foreignJobs = foreign
        preparedUntil = .negativeInfinity
        if let position { era = position.era }
        observe(.loaded(jobs: timetable.count))
    }
}

extension [Decisions] {
    /// Cuts the list so that no part has more slots than that, unless they are of one job.
    fileprivate func chunked(slots limit: Int) -> [[Decisions]] {
        var parts: [[Decisions]] = []
        var count = 0
        for decisions in self {
            if parts.isEmpty || count + decisions.slots.count > limit {
                parts.append([])
                count = 0
            }
            parts[parts.count - 1].append(decisions)
            count += decisions.slots.count
        }
        return parts
    }
}
