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
            let migrations = try await MigrateCommand(configuration).run(onlyCheck: check)
            if json {
                try printJSON([check ? "missing" : "applied": migrations])
            } else {
                let verb = check ? "missing" : "applied"
                print(
                    migrations.isEmpty
                        ? "the schema is current" : migrations.map { "\(verb) \($0)" }.joined(separator: "\n")
                )
            }
            if check && !migrations.isEmpty { throw ExitCode(ExitStatus.failure.rawValue) }
        }
    }
}
