import ActivityDaemon
import ArgumentParser

/// `activityd migrate`
struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Bring the daemon's schema up to date.")

    @OptionGroup var settings: Settings

    @Flag(help: "Change nothing; exit with 1 when migrations are missing.")
    var check = false

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await settings.run { configuration, _ in
            let report = try await MigrateCommand(configuration).run(onlyCheck: check)
            if json {
                try printJSON(
                    check ? ["missing": report.migrations] : ["made": report.made, "applied": report.migrations]
                )
            } else {
                let lines =
                    report.made.map { "made \($0)" }
                    + report.migrations.map { "\(check ? "missing" : "applied") \($0)" }
                print(lines.isEmpty ? "the schema is current" : lines.joined(separator: "\n"))
            }
            if check && !report.migrations.isEmpty { throw ExitCode(ExitStatus.failure.rawValue) }
        }
    }
}
