import CLibPQ
import Glibc

extension Session {
    /// Connects and applies the settings. Blocks in `getaddrinfo` beyond the deadline when DNS does not answer.
    static func open(
        _ configuration: PostgresConfiguration,
        _ interrupt: Interrupt,
        _ deadline: Deadline,
    ) throws -> Session {
        let keywords = try ConnectionKeywords(configuration)
        guard let connection = keywords.start() else {
            throw PostgresError(.connectionFailed, "there is no memory for a connection")
        }
        let session = Session(owning: connection, interrupt)
        PQsetNoticeReceiver(connection, { _, _ in }, nil)
        do {
            try session.completeConnecting(deadline)
            guard PQsetnonblocking(connection, 1) == 0 else {
                throw PostgresError(.connectionFailed, connection: connection)
            }
            try session.apply(configuration, deadline)
        } catch {
            throw session.connectFailure(error, keywords)
        }
        return session
    }

    /// Source: PostgreSQL documentation, `PQconnectStartParams`.
    private func completeConnecting(_ deadline: Deadline) throws(PostgresError) {
        guard PQstatus(connection) != CONNECTION_BAD else {
            throw PostgresError(.connectionFailed, connection: connection)
        }
        var next = PGRES_POLLING_WRITING
        while next != PGRES_POLLING_OK {
            switch next {
            case PGRES_POLLING_READING: _ = try wait(for: POLLIN, deadline)
            case PGRES_POLLING_WRITING: _ = try wait(for: POLLOUT, deadline)
            default: throw PostgresError(.connectionFailed, connection: connection)
            }
            next = PQconnectPoll(connection)
        }
    }

    /// Settings are set by statement rather than in the startup packet, which PgBouncer refuses or ignores in part.
    private func apply(_ configuration: PostgresConfiguration, _ deadline: Deadline) throws {
        var settings = [("client_encoding", "UTF8"), ("TimeZone", "UTC")]
        settings.append(("application_name", configuration.applicationName))
        settings += configuration.sessionSettings.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        if let timeout = configuration.statementTimeout {
            settings.append(("statement_timeout", "\(max(1, timeout.milliseconds(rounding: .up)))ms"))
        }
        let calls = settings.indices.map { "pg_catalog.set_config($\(2 * $0 + 1), $\(2 * $0 + 2), false)" }
        let parameters = settings.flatMap { [PostgresParameter.text($0.0), .text($0.1)] }
        _ = try query("SELECT " + calls.joined(separator: ", "), parameters, deadline)
    }

    /// What the caller learns: never a password, and for a deadline also where it was spent.
    private func connectFailure(_ error: any Error, _ keywords: ConnectionKeywords) -> PostgresError {
        guard let error = error as? PostgresError else {
            return PostgresError(.connectionFailed, "the connection could not be set up")
        }
        switch error.code {
        case .cancelled:
            return PostgresError(.cancelled, "connecting was cancelled")
        case .timedOut:
            let server = keywords.scrub(peer)
            return PostgresError(.timedOut, "connecting to \(server) took longer than the time allowed")
        default:
            return PostgresError(.connectionFailed, scrub(keywords.scrub(error.message)), server: error.server)
        }
    }

    private var peer: String {
        let host = PQhost(connection).map { String(cString: $0) } ?? ""
        let port = PQport(connection).map { String(cString: $0) } ?? ""
        return host.isEmpty ? "the server" : "\(host), port \(port),"
    }

    /// The password may come from PGPASSWORD or a password file; only libpq knows it then.
    private func scrub(_ text: String) -> String {
        guard let password = PQpass(connection).map({ String(cString: $0) }), !password.isEmpty else { return text }
        return text.replacing(password, with: "***")
    }
}
