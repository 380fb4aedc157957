import Foundation

/// Where the server's programs are.
package struct PostgresInstallation: Sendable {
    /// The directory of `initdb`, `postgres` and `pg_ctl`.
    package let binaries: String

    /// `TEST_PG_BIN`, or the newest version in Debian's place.
    ///
    /// Throws when there is none: tests must not pass because there was nothing to test.
    package static func find() throws -> PostgresInstallation {
        let wanted = ProcessInfo.processInfo.environment["TEST_PG_BIN"].map { [$0] }
        let directories = wanted ?? debianDirectories
        for directory in directories where hasPrograms(directory) {
            return PostgresInstallation(binaries: directory)
        }
        throw Subprocess.Failure(
            description: "no PostgreSQL server found in \(directories): install postgresql-15, "
                + "or set TEST_PG_BIN to the directory of initdb, postgres and pg_ctl"
        )
    }

    private static var debianDirectories: [String] {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return versions.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }.map { "\(root)/\($0)/bin" }
    }

    private static func hasPrograms(_ directory: String) -> Bool {
        ["initdb", "postgres", "pg_ctl", "createdb"].allSatisfy { program in
            FileManager.default.isExecutableFile(atPath: "\(directory)/\(program)")
        }
    }

    /// The path of a program.
    package func program(_ name: String) -> String {
        "\(binaries)/\(name)"
    }
}
