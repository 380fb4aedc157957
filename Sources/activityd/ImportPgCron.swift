import ActivityDaemon
import ArgumentParser
import Scheduling

/// `activityd import-pg-cron`
struct ImportPgCron: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import-pg-cron",
        abstract: "Take over the jobs of the extension pg_cron.",
        discussion: """
            Where the extension is in another database than the daemon's schema, --from names that database, and the \
            jobs are made inactive there. --shadow runs nothing either: it compares what the extension ran with the \
            slots that the daemon would have run.
            """,
    )

    @OptionGroup var settings: Settings

    @Option(help: "The database with the extension, as a connection string; the daemon's by default.")
    var from: String?

    @Flag(help: "Change nothing; say what would be different.")
    var dryRun = false

    @Option(help: "Change nothing; compare with the extension's runs of so many hours.")
    var shadow: Int?

    @Flag(help: "Drop the extension from the daemon's database, in the transaction that makes its successor.")
    var replaceExtension = false

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard shadow.map({ (1...8784).contains($0) }) ?? true else {
            throw ValidationError("'--shadow \(shadow ?? 0)' is refused; accepted are 1 to 8784 hours")
        }
    }

    func run() async throws {
        try await settings.run { configuration, _ in
            let command = ImportPgCronCommand(configuration, source: from)
            let isPreview = dryRun || shadow != nil
            let report =
                try await isPreview
                ? command.preview(shadowHours: shadow) : command.run(replacesExtension: replaceExtension)
            guard !json else { return try printJSON(report) }
            printTable(
                ["ID", "NAME", "SCHEDULE", "DATABASE", "ROLE", "STATE", ""],
                report.jobs.map { job in
                    let state = job.canBeImported ? (job.active ? "active" : "inactive") : "refused"
                    let warnings = job.warnings.joined(separator: "; ")
                    return ["\(job.id)", job.name ?? "", job.schedule, job.database, job.role, state, warnings]
                },
            )
            for comparison in report.shadow ?? [] { printComparison(comparison) }
            if !isPreview { print("\(report.imported) jobs imported") }
        }
    }

    private func printComparison(_ comparison: PgCronImport.Comparison) {
        print("job \(comparison.job): \(comparison.agreed) runs agree")
        for time in comparison.onlyHere { print("  \(time): only here") }
        for time in comparison.onlyThere { print("  \(time): only there") }
    }
}
