import ActivityDaemon
import ArgumentParser
import Glibc

/// `activityd precompute --once`
struct Precompute: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Feed what is there, compute one generation, publish it to Redis, and end.",
        discussion: "The daemon does this by itself; this is for a first run by hand and for cron.",
    )

    @OptionGroup var settings: Settings

    @Flag(help: "End after one generation; the only mode there is.")
    var once = false

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard once else { throw ValidationError("'precompute' wants '--once'; 'activityd run' keeps computing") }
    }

    func run() async throws {
        try await settings.run { configuration, _ in
            let showsProgress = isatty(STDERR_FILENO) == 1
            let report = try await PrecomputeCommand(configuration).run { rows, share in
                if showsProgress { showProgress("fed \(rows) rows, \(Int(share * 100)) % of ids") }
            }
            if showsProgress { endProgress() }
            if json {
                try printJSON(report)
            } else {
                print("fed \(report.rows) rows in \(report.feed) s, \(report.totalRows) in all")
                print(
                    "generation \(report.generation): \(report.documents) documents, "
                        + "read \(report.load) s, rendered \(report.render) s, published \(report.publish) s"
                )
            }
        }
    }
}
