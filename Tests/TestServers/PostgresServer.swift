import Foundation
import Glibc
import Synchronization

/// A throw-away PostgreSQL server with a data directory, a Unix socket and a TCP port of its own.
///
/// It ends with this object, or with the process at the latest. Everybody may connect as `postgres` without a password
/// unless `hostBasedAuthentication` says otherwise. It does not survive a crash of the machine: `fsync` is off.
public final class PostgresServer: Sendable {
    /// How the server ends.
    public enum StopMode: String, Sendable {
        /// Disconnects everybody and shuts down in order.
        case fast
        /// Ends at once; the next start recovers.
        case immediate
    }

    /// The port on 127.0.0.1, also part of the socket's name.
    public let port: Int
    /// The directory of the Unix socket, and of everything else.
    public let directory: String
    private let owner: DisposableDirectory
    private let installation: PostgresInstallation
    private let clockLibrary: String?
    private let databases = Atomic<Int>(0)

    // Unstructured: whoever asks first starts it for all.
    private static let sharedTask = Task { try await start() }

    /// One server for the whole process, started when it is first asked for. Do not stop it.
    public static var shared: PostgresServer {
        get async throws { try await sharedTask.value }
    }

    /// Starts a server and waits until it accepts connections.
    ///
    /// - Parameters:
    ///   - settings: added to `postgresql.conf`.
    ///   - hostBasedAuthentication: lines that come first in `pg_hba.conf`.
    ///   - hasOwnClock: whether `setClock` can be called; wants libfaketime.
    /// - Returns: the server.
    /// - Throws: when PostgreSQL is not installed or does not start.
    public static func start(
        settings: [String: String] = [:],
        hostBasedAuthentication: [String] = [],
        hasOwnClock: Bool = false,
    ) async throws -> PostgresServer {
        var attempts = 3
        while true {
            do {
                let server = try await PostgresServer(settings, hostBasedAuthentication, hasOwnClock)
                try await server.startAgain()
                return server
            } catch {
                // Somebody else may have taken the port between our looking for it and the server's binding it.
                attempts -= 1
                guard attempts > 0, "\(error)".contains("pg_ctl") else { throw error }
            }
        }
    }

    /// Starts a streaming replica of this server and waits until it accepts connections.
    ///
    /// - Parameter settings: added to those of this server.
    /// - Returns: the replica; it has all that this server has committed by now.
    /// - Throws: when it does not start.
    public func startReplica(settings: [String: String] = [:]) async throws -> PostgresServer {
        let replica = try await PostgresServer(installation, clockLibrary: nil)
        try await ServerUser.run(
            installation.program("pg_basebackup"),
            "--host=\(directory)",
            "--port=\(port)",
            "--username=postgres",
            "--pgdata=\(replica.dataDirectory)",
            "--write-recovery-conf",
            "--checkpoint=fast",
            "--no-sync",
        )
        let own = Self.defaults(replica.port, replica.directory).merging(settings) { $1 }
        try replica.append(own.map(Self.line), to: "postgresql.conf")
        try await replica.startAgain()
        return replica
    }

    private init(_ installation: PostgresInstallation, clockLibrary: String?) async throws {
        self.installation = installation
        self.clockLibrary = clockLibrary
        owner = try await DisposableDirectory()
        directory = owner.path
        port = try FreePort.find()
    }

    private convenience init(
        _ settings: [String: String],
        _ authentication: [String],
        _ hasOwnClock: Bool,
    ) async throws {
        let template = try await PostgresTemplate.shared
        try await self.init(template.installation, clockLibrary: hasOwnClock ? Self.findClockLibrary() : nil)
        if hasOwnClock { try setClock(.zero) }
        try await ServerUser.run("cp", "-a", template.data, directory + "/data")
        try append(Self.defaults(port, directory).merging(settings) { $1 }.map(Self.line), to: "postgresql.conf")
        if !authentication.isEmpty {
            try replace(
                "pg_hba.conf",
                with: authentication + ["local all all trust", "host all all 127.0.0.1/32 trust"],
            )
        }
    }

    /// The server's own log file.
    public var logPath: String { directory + "/log" }

    var dataDirectory: String { directory + "/data" }

    /// A libpq connection string.
    ///
    /// - Parameters:
    ///   - database: its name.
    ///   - user: the role to connect as.
    ///   - overTCP: by 127.0.0.1 instead of the Unix socket.
    /// - Returns: keywords and values, to which others can be appended after a space.
    public func connectionString(
        database: String = "postgres",
        user: String = "postgres",
        overTCP: Bool = false,
    ) -> String {
        "host=\(overTCP ? "127.0.0.1" : directory) port=\(port) user=\(user) dbname=\(database)"
    }

    /// Creates a database and returns its name.
    ///
    /// - Parameters:
    ///   - template: the database to copy; nobody may be connected to it.
    ///   - tablespace: where its files go.
    /// - Returns: a name that is new on this server.
    /// - Throws: when the server refuses.
    public func createDatabase(
        from template: String = "template1",
        tablespace: String = "pg_default",
    ) async throws -> String {
        let name = "test_\(databases.add(1, ordering: .relaxed).newValue)"
        try await Subprocess.run([
            installation.program("createdb"), "--host=\(directory)", "--port=\(port)", "--username=postgres",
            "--template=\(template)", "--tablespace=\(tablespace)", name,
        ])
        return name
    }

    /// Stops the server in order; `startAgain` brings it back with all its data.
    public func stop(mode: StopMode = .fast) async throws {
        try await control("-m", mode.rawValue, "-w", "-t", "60", "stop")
    }

    /// Starts the server after it was stopped or killed, on the same port.
    public func startAgain() async throws {
        do {
            try await control("-l", logPath, "-w", "-t", "60", "start")
        } catch {
            let log = (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? "no log"
            throw Subprocess.Failure(description: "\(error)\n\(log)")
        }
    }

    /// Ends the server and removes its directory now rather than with this object.
    public func remove() async throws {
        try await owner.remove()
    }

    private func control(_ arguments: String...) async throws {
        let command = [installation.program("pg_ctl"), "-D", dataDirectory] + arguments
        try await Subprocess.run(ServerUser.command(clockEnvironment + command))
    }

    // MARK: - The server's clock

    private var clockPath: String { directory + "/clock" }

    /// A wall clock of the server's own; intervals stay as long as they are.
    private var clockEnvironment: [String] {
        guard let clockLibrary else { return [] }
        return [
            "env", "LD_PRELOAD=\(clockLibrary)", "FAKETIME_TIMESTAMP_FILE=\(clockPath)", "FAKETIME_NO_CACHE=1",
            "DONT_FAKE_MONOTONIC=1",
        ]
    }

    /// Sets the server's clock off from where it really is; the server was started with `hasOwnClock`.
    public func setClock(_ offset: Duration) throws {
        precondition(clockLibrary != nil, "the server was started without a clock of its own")
        let seconds = offset.components.seconds
        // In place: the server opens the file for each look at the clock and must never miss it.
        try Data("\(seconds < 0 ? "" : "+")\(seconds)s\n".utf8).write(to: URL(filePath: clockPath))
    }

    private static func findClockLibrary() throws -> String {
        let folders = try FileManager.default.contentsOfDirectory(atPath: "/usr/lib").map { "/usr/lib/\($0)/faketime" }
        let library = folders.map { "\($0)/libfaketimeMT.so.1" }.first(where: FileManager.default.fileExists)
        guard let library else { throw Subprocess.Failure(description: "libfaketime is not installed") }
        return library
    }

    private static func defaults(_ port: Int, _ directory: String) -> [String: String] {
        [
            "listen_addresses": "127.0.0.1",
            "port": "\(port)",
            "unix_socket_directories": directory,
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "max_connections": "600",
            "max_prepared_transactions": "10",
            "timezone": "UTC",
        ]
    }

    private static func line(_ name: String, _ value: String) -> String {
        "\(name) = '\(value.replacing("'", with: "''"))'"
    }

    private func append(_ lines: [String], to name: String) throws {
        let file = try String(contentsOfFile: "\(dataDirectory)/\(name)", encoding: .utf8)
        try replace(name, with: [file] + lines)
    }

    /// Keeps the file itself and with it its owner, who is another than we when we are root.
    private func replace(_ name: String, with lines: [String]) throws {
        let text = lines.joined(separator: "\n") + "\n"
        try text.write(toFile: "\(dataDirectory)/\(name)", atomically: false, encoding: .utf8)
    }
}
