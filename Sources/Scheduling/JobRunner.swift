import PostgresClient

/// Does the runs that this daemon has claimed, and has their ends recorded.
struct JobRunner: Sendable {
    let clock: ServerClock
    let sessions: JobSessions
    let places: FairQueue
    let active: ActiveRuns
    let completions: Completions
    let alarm: Alarm
    let observe: @Sendable (SchedulerObservation) -> Void

    /// The pause before the second attempt; it doubles with each further one.
    private static let firstPause = Duration.seconds(1)
    private static let longestPause = Duration.seconds(300)

    /// Does a run that was added to `active`; `job` is nil when there is no such job any more.
    func run(_ claim: Claim, _ job: Job?) async {
        defer { active.remove(claim.id) }
        // Unstructured, so that one run can be ended without the others.
        let task = Task { await perform(claim, job) }
        active.set(claim.id) { task.cancel() }
        let outcome = await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
        await finish(claim, job, outcome)
    }

    private func finish(_ claim: Claim, _ job: Job?, _ outcome: RunOutcome) async {
        guard let sign = active.sign(claim.id) else { return }
        let completion = Completion(
            claim: claim,
            outcome: outcome,
            startedAt: sign.startedAt,
            finishedAt: clock.now,
            processID: sign.processID,
            pause: Self.pause(after: claim.attempt),
        )
        guard let recorded = await completions.record(completion) else { return observe(.lost(job: claim.job)) }
        if recorded.hasQueued || recorded.retryAt != nil { alarm.ring(.queue) }
        let dueAt = claim.trigger == .schedule && claim.attempt == 1 ? job?.due(claim.nominalAt) : nil
        observe(
            .finished(
                SchedulerObservation.Run(
                    job: claim.job,
                    nominalAt: claim.nominalAt,
                    trigger: claim.trigger,
                    attempt: Int(claim.attempt),
                    outcome: outcome,
                    lateness: dueAt.flatMap { due in sign.startedAt.map { $0 - due } },
                    duration: sign.startedAt.map { completion.finishedAt - $0 },
                    isRetried: recorded.retryAt != nil,
                )
            )
        )
    }

    /// Doubles with each attempt, less a random part of up to one half.
    private static func pause(after attempt: Int32) -> Duration {
        let doubled = firstPause * (1 << min(max(0, attempt - 1), 16))
        return min(doubled, longestPause) * Double.random(in: 0.5...1)
    }
}

// MARK: - Actions

extension JobRunner {
    private func perform(_ claim: Claim, _ job: Job?) async -> RunOutcome {
        guard let job else { return RunOutcome(.failed, reason: "there is no such job any more") }
        do {
            switch job.action {
            case .builtIn(let action):
                active.started(claim.id, at: clock.now, processID: nil)
                return try await perform(action, timeout: job.policy.timeout)
            case .command(let command):
                return try await perform(command, claim, timeout: job.policy.timeout)
            }
        } catch {
            return outcome(of: error, claim, job)
        }
    }

    private func perform(_ action: BuiltInAction, timeout: Duration?) async throws -> RunOutcome {
        let result = try await withTimeout(timeout, action.run)
        switch result {
        case .done(let text): return RunOutcome(.succeeded, result: text)
        case .skipped(let reason): return RunOutcome(.skipped, reason: reason)
        }
    }

    private func perform(_ command: JobCommand, _ claim: Claim, timeout: Duration?) async throws -> RunOutcome {
        let owner = command.session.role ?? ""
        try await places.enter(owner)
        let session: JobSessions.Lent
        do {
            session = try await sessions.lend(command.session)
        } catch {
            places.leave(owner)
            guard let error = error as? PostgresError, error.code != .cancelled else { throw error }
            return RunOutcome(.failed, reason: "\(error)", result: "connection failed")
        }
        active.started(claim.id, at: clock.now, processID: session.processID)
        let result: Result<PostgresOutcome, any Error>
        do {
            result = .success(try await session.connection.execute(script: command.sql, timeout: timeout))
        } catch {
            result = .failure(error)
        }
        // Unstructured: cleaning the session must neither delay the end of this run nor be cancelled with it. It keeps
        // the place, so that whoever comes next finds this session and need not open another.
        Task {
            await sessions.giveBack(session, command.session)
            places.leave(owner)
        }
        return RunOutcome(.succeeded, result: try result.get().returnMessage)
    }

    private func withTimeout(
        _ timeout: Duration?,
        _ body: @escaping @Sendable () async throws -> JobResult,
    ) async throws -> JobResult {
        guard let timeout else { return try await body() }
        return try await withThrowingTaskGroup(of: JobResult.self) { group in
            group.addTask(operation: body)
            group.addTask {
                // The time-out itself; cancelled below when the action ends sooner.
                try await Task.sleep(for: timeout)
                throw PostgresError(.timedOut, "the action took longer than the time allowed")
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }

    private func outcome(of error: any Error, _ claim: Claim, _ job: Job) -> RunOutcome {
        if let ending = active.ending(claim.id) {
            let reason = ending == .shutdown ? "the daemon was stopped" : "somebody asked for it"
            return RunOutcome(.canceled, reason: reason, result: "job canceled")
        }
        guard let error = error as? PostgresError else {
            return RunOutcome(.failed, reason: "\(error)", result: "\(error)")
        }
        switch error.code {
        case .timedOut:
            let seconds = (job.policy.timeout ?? .zero) / .seconds(1)
            return RunOutcome(.failed, reason: "it took longer than \(seconds) seconds", result: "job canceled")
        case .connectionLost:
            return RunOutcome(.failed, reason: "the connection was lost", result: "server restarted")
        case .server:
            let severity = error.severity ?? "ERROR"
            return RunOutcome(.failed, reason: "the server refused it", result: "\(severity):  \(error.message)")
        default:
            return RunOutcome(.failed, reason: "\(error)", result: error.message)
        }
    }
}

extension PostgresOutcome {
    /// As in `cron.job_run_details`.
    fileprivate var returnMessage: String {
        switch self {
        case .nothing: ""
        case .rows(1): "1 row"
        case .rows(let count): "\(count) rows"
        case .command(let tag): tag
        }
    }
}
