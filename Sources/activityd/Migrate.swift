import ActivityDaemon
import ArgumentParser
import Glibc

/// `activityd migrate`
struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring the daemon's schema up to date, or build the indexes of Directus's table.",
        discussion: """
            With --indexes the schema is left as it is, so that the owner of directus_activity may run it. Directus goes \
            on writing meanwhile. A role that may not is told by whom, and standard output has the statements.
            """,
    )

    @OptionGroup var settings: Settings

    @Flag(help: "Change nothing; exit with 1 when something is missing.")
    var check = false

    @Flag(help: "Build the indexes of directus_activity that are missing, and nothing else.")
    var indexes = false

    @Flag(help: "Build a BRIN index on timestamp too, for very large tables.")
    var brin = false

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard indexes || !brin else { throw ValidationError("'--brin' wants '--indexes'") }
    }

    func run() async throws {
        try await settings.run { configuration, _ in
            try await indexes ? runIndexes(configuration) : runMigrations(configuration)
        }
    }

    private func runMigrations(_ configuration: DaemonConfiguration) async throws {
        let report = try await MigrateCommand(configuration).run(onlyCheck: check)
        if json {
            try printJSON(check ? ["missing": report.migrations] : ["made": report.made, "applied": report.migrations])
        } else {
            let verb = check ? "missing" : "applied"
            let lines = report.made.map { "made \($0)" } + report.migrations.map { "\(verb) \($0)" }
            print(lines.isEmpty ? "the schema is current" : lines.joined(separator: "\n"))
        }
        if check && !report.migrations.isEmpty { throw ExitCode(ExitStatus.failure.rawValue) }
    }

    private func runIndexes(_ configuration: DaemonConfiguration) async throws {
        let showsProgress = isatty(STDERR_FILENO) == 1
        let command = IndexCommand(configuration, includesBRIN: brin)
        let report = try await command.run(onlyCheck: check) { if showsProgress { showProgress($0) } }
        if showsProgress && report.indexes.contains(where: { $0.state == "built" }) { endProgress() }
        for refusal in report.refusals { complain(refusal) }
        if json {
            try printJSON(report)
        } else if !check && !report.statements.isEmpty {
            // Nothing but statements, so that they can be piped into psql.
            for statement in report.statements { print(statement) }
        } else {
            printTable([], report.indexes.map { [$0.name, $0.state, $0.detail] })
            if report.offersBRIN { print("the table is very large: --brin adds a small index for long ranges of time") }
        }
        guard report.exitCode == 0 else { throw ExitCode(report.exitCode) }
    }
}
