import Glibc

/// Who runs the servers: ourselves, or `postgres` when we are root, which PostgreSQL refuses.
package enum ServerUser {
    /// The command, prefixed so that the right user runs it.
    package static func command(_ command: [String]) -> [String] {
        geteuid() == 0 ? ["runuser", "-u", "postgres", "--"] + command : command
    }

    /// Runs a command as that user.
    @discardableResult
    package static func run(_ command: String...) async throws -> String {
        try await Subprocess.run(Self.command(command))
    }
}
