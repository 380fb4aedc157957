package import Cron

/// Something that runs at nominal times: a built-in action or somebody's SQL.
package struct Job: Sendable {
    /// Unique: a word for a built-in action, `cron:7` for row 7 of `cron.job`.
    package let name: String
    /// When.
    package let schedule: CronSchedule
    /// Whose wall clock `schedule` is about.
    package let timeZone: TimeZoneRules
    /// What.
    package let action: JobAction
    /// How it behaves when things do not go as planned.
    package let policy: JobPolicy
    /// Whether it runs at all; its slots are noted either way.
    package let isActive: Bool

    /// A job from its parts.
    package init(
        _ name: String,
        _ schedule: CronSchedule,
        in timeZone: TimeZoneRules = .utc,
        policy: JobPolicy = JobPolicy(),
        isActive: Bool = true,
        action: JobAction,
    ) {
        self.name = name
        self.schedule = schedule
        self.timeZone = timeZone
        self.policy = policy
        self.isActive = isActive
        self.action = action
    }

    /// Whether it is somebody's and not the daemon's own.
    package var isCommand: Bool {
        if case .command = action { true } else { false }
    }

    /// What the nominal times follow from. Daemons decide slots together only where this is equal.
    package var definition: String { "\(schedule.text) in \(timeZone.identifier)" }
}

/// What a job does.
package enum JobAction: Sendable {
    /// Something that the daemon does itself.
    case builtIn(BuiltInAction)
    /// Statements that a role runs in a database.
    case command(JobCommand)
}

/// Something that the daemon does itself.
package struct BuiltInAction: Sendable {
    /// Does it. An error fails the run; cancellation has to end it soon.
    package var run: @Sendable () async throws -> JobResult
    /// What a daemon does at a slot that another one runs.
    package var follow: (@Sendable () async -> Void)?

    /// An action, and what follows it elsewhere.
    package init(
        run: @escaping @Sendable () async throws -> JobResult,
        follow: (@Sendable () async -> Void)? = nil,
    ) {
        self.run = run
        self.follow = follow
    }
}

/// How an action ended that did not fail.
package enum JobResult: Sendable, Hashable {
    /// It was done; a line for the history.
    case done(String)
    /// There was nothing to do; why.
    case skipped(String)
}

/// Statements that a role runs in a database.
package struct JobCommand: Sendable, Hashable {
    /// The statements.
    package var sql: String
    /// Where they run.
    package var session: JobSession

    /// A command from its parts.
    package init(_ sql: String, _ session: JobSession) {
        self.sql = sql
        self.session = session
    }
}

/// Whose session in which database.
package struct JobSession: Sendable, Hashable {
    /// The database's name; nil for the daemon's own.
    package var database: String?
    /// The role's name; nil for the daemon's own.
    package var role: String?

    /// A session; by default the daemon's own.
    package init(database: String? = nil, role: String? = nil) {
        self.database = database
        self.role = role
    }
}
