package import ActivitySQL
package import PostgresClient

extension Scheduler {
    /// How a scheduler is set up.
    package struct Settings: Sendable {
        /// Where the daemon's schema is.
        package var postgres: PostgresConfiguration
        /// Its names.
        package var sql: ActivitySQL
        /// What the daemon does itself; asked for again when jobs are loaded again.
        package var builtIn: @Sendable () -> [Job]
        /// The time zone of jobs that name none.
        package var timeZone: String
        /// Commands that run at a time.
        package var concurrency: Int
        /// Whether the daemon's role may stand in for others.
        package var roleSwitch: JobSessions.RoleSwitch
        /// The loop's sign of life.
        package var pulse: Pulse
        /// Brings the schema up to date; called before the first slot and after each failure.
        package var prepare: @Sendable () async throws -> Void

        /// Settings from their parts.
        package init(
            postgres: PostgresConfiguration,
            sql: ActivitySQL,
            builtIn: @escaping @Sendable () -> [Job] = { [] },
            timeZone: String = "UTC",
            concurrency: Int = 16,
            roleSwitch: JobSessions.RoleSwitch = .member,
            pulse: Pulse = Pulse(),
            prepare: @escaping @Sendable () async throws -> Void = {},
        ) {
            self.postgres = postgres
            self.sql = sql
            self.builtIn = builtIn
            self.timeZone = timeZone
            self.concurrency = concurrency
            self.roleSwitch = roleSwitch
            self.pulse = pulse
            self.prepare = prepare
        }
    }
}
