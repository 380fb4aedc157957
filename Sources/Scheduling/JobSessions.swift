package import PostgresClient
import Synchronization

/// Sessions for commands: opened ahead of time, cleaned after each run, kept for a while.
///
/// A job runs as its own role. Where that role cannot connect, the daemon's may take its place by SET ROLE, if
/// ``RoleSwitch`` says so.
package final class JobSessions: Sendable {
    /// Whether a session of the daemon's role may stand in for one of the job's.
    package enum RoleSwitch: String, Sendable, CaseIterable {
        /// No: a job whose role cannot connect fails.
        case never
        /// Where the daemon's role is a member of the job's and no superuser.
        case member
        /// Wherever the server lets it. A superuser's jobs can then become the daemon's role by RESET ROLE.
        case always
    }

    /// A session that is lent.
    struct Lent: Sendable {
        let connection: PostgresConnection
        let processID: Int32
        /// Made of the daemon's role by SET ROLE, which a command may have undone.
        let isSwitched: Bool
    }

    private struct Idle {
        var session: Lent
        var since: ContinuousClock.Instant
    }

    private let configuration: PostgresConfiguration
    private let roleSwitch: RoleSwitch
    private let idle = Mutex<[JobSession: [Idle]]>([:])

    /// An idle session is closed after so long: jobs that run each minute keep theirs.
    private static let keep = Duration.seconds(75)
    /// Idle sessions kept for one role and database.
    private static let keptEach = 16
    /// Connecting, and cleaning a session.
    private static let timeout = Duration.seconds(10)

    /// Sessions at the server that `configuration` names, marked as those of `owner`.
    package init(_ configuration: PostgresConfiguration, owner: String, roleSwitch: RoleSwitch) {
        self.configuration = Self.configuration(configuration, owner: owner)
        self.roleSwitch = roleSwitch
    }

    private static func configuration(_ base: PostgresConfiguration, owner: String) -> PostgresConfiguration {
        var configuration = PostgresConfiguration(connectionString: base.connectionString)
        configuration.password = base.password
        configuration.applicationName = "activityd job \(owner)"
        configuration.connectTimeout = timeout
        return configuration
    }

    /// Lends a session; give it back.
    ///
    /// - Throws: `PostgresError` when there is none to be had.
    func lend(_ key: JobSession) async throws -> Lent {
        while let session = take(key) {
            if await session.connection.isReusable { return session }
            await session.connection.close()
        }
        return try await open(key)
    }

    /// Takes a session back. One that may still hold something of the last command is not used again.
    func giveBack(_ session: Lent, _ key: JobSession) async {
        guard !session.isSwitched, await session.connection.isReusable,
            (try? await session.connection.execute(script: "DISCARD ALL", timeout: Self.timeout)) != nil,
            (try? await outliveNobody(session.connection)) != nil, keep(session, key)
        else { return await session.connection.close() }
    }

    /// Opens sessions for commands that are soon to run, unless enough are there.
    func prepare(_ count: Int, _ key: JobSession) async {
        let missing = min(count, Self.keptEach) - idle.withLock { $0[key]?.count ?? 0 }
        guard missing > 0 else { return }
        await withDiscardingTaskGroup { group in
            for _ in 0..<missing {
                group.addTask {
                    // What fails now is reported when the command runs.
                    guard let session = try? await self.open(key) else { return }
                    if !self.keep(session, key) { await session.connection.close() }
                }
            }
        }
    }

    /// Closes sessions that nobody has used for a while, or all of them.
    func closeIdle(all: Bool = false) async {
        let limit = ContinuousClock.now - Self.keep
        let old = idle.withLock { idle in
            var old: [Lent] = []
            for (key, sessions) in idle {
                old += sessions.filter { all || $0.since < limit }.map(\.session)
                let young = sessions.filter { !all && $0.since >= limit }
                idle[key] = young.isEmpty ? nil : young
            }
            return old
        }
        for session in old { await session.connection.close() }
    }

    private func take(_ key: JobSession) -> Lent? {
        idle.withLock { $0[key]?.popLast()?.session }
    }

    private func keep(_ session: Lent, _ key: JobSession) -> Bool {
        idle.withLock { idle in
            guard idle[key, default: []].count < Self.keptEach else { return false }
            idle[key, default: []].append(Idle(session: session, since: .now))
            return true
        }
    }
}

// MARK: - Opening

extension JobSessions {
    private func open(_ key: JobSession) async throws -> Lent {
        var own = configuration
        own.database = key.database
        own.role = key.role
        do {
            return try await lent(PostgresConnection.connect(own), isSwitched: false)
        } catch let error as PostgresError where key.role != nil && error.isRefusedRole && roleSwitch != .never {
            guard let switched = try await openSwitched(key) else { throw error }
            return switched
        }
    }

    /// Nil when the daemon's role may not take the place of the job's.
    private func openSwitched(_ key: JobSession) async throws -> Lent? {
        guard let role = key.role else { return nil }
        var daemons = configuration
        daemons.database = key.database
        let connection = try await PostgresConnection.connect(daemons)
        do {
            guard try await maySwitch(connection, to: role) else {
                await connection.close()
                return nil
            }
            _ = try await connection.query(
                "SELECT set_config('role', $1, false)",
                [.text(role)],
                timeout: Self.timeout,
            )
            return try await lent(connection, isSwitched: true)
        } catch {
            await connection.close()
            throw error
        }
    }

    private func maySwitch(_ connection: PostgresConnection, to role: String) async throws -> Bool {
        guard roleSwitch == .member else { return true }
        return try await connection.query(
            """
            SELECT NOT me.rolsuper AND pg_has_role(me.oid, other.oid, 'MEMBER')
            FROM pg_roles AS me, pg_roles AS other WHERE me.rolname = session_user AND other.rolname = $1
            """,
            [.text(role)],
            timeout: Self.timeout,
        ).map { try $0.value(0, as: Bool.self) }.first ?? false
    }

    private func lent(_ connection: PostgresConnection, isSwitched: Bool) async throws -> Lent {
        try await outliveNobody(connection)
        return Lent(connection: connection, processID: await connection.processID, isSwitched: isSwitched)
    }

    /// Since PostgreSQL 14 the server looks after clients that are gone: a command must not outlive its daemon.
    private func outliveNobody(_ connection: PostgresConnection) async throws {
        guard await connection.serverVersion >= 140_000 else { return }
        try await connection.execute(script: "SET client_connection_check_interval = '5s'", timeout: Self.timeout)
    }
}

extension PostgresError {
    /// Whether the server does not let this role in, with this password or without one.
    fileprivate var isRefusedRole: Bool {
        code == .connectionFailed || sqlState?.hasPrefix("28") ?? false
    }
}
