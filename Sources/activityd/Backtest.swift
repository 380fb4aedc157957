import ActivityDaemon
import ArgumentParser

/// `activityd backtest`
struct Backtest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell what detection would have said of the past.",
        discussion: """
            With --csv a series of numbers is judged as the volume detector judges the counts of live events, one row after \
            another. The first 15 % of the rows, 750 at most, only teach what is usual. The file has a header; neither a \
            database nor a configuration is needed.
            """,
    )

    @Option(help: "A file of comma-separated values with a series.", completion: .file(extensions: ["csv"]))
    var csv: String

    @Option(help: "The column with moments such as 2014-04-11 09:05:00.")
    var time = "timestamp"

    @Option(help: "The column with numbers.")
    var value = "value"

    @Flag(help: "Print JSON, one line an alert.")
    var json = false

    @Flag(help: .hidden)
    var cost = false

    @Option(help: .hidden)
    var trials: String?

    func run() async throws {
        try await explainingErrors {
            let backtest = try SeriesBacktest(path: csv, time: time, value: value)
            if cost { return try printJSONLine(backtest.cost()) }
            if let trials { return try run(RarityTrial.load(path: trials), on: backtest) }
            try report(backtest.alerts())
        }
    }

    private func report(_ alerts: [SeriesBacktest.Alert]) throws {
        if json {
            for alert in alerts { try printJSONLine(alert) }
        } else if alerts.isEmpty {
            print("nothing unusual")
        } else {
            printTable(
                ["ROW", "TIME", "VALUE", "REASON", "MARGIN", ""],
                alerts.map { alert in
                    let margin = (alert.margin * 100).rounded() / 100
                    return [
                        "\(alert.row)", alert.timestamp, "\(alert.value)", alert.reason, "\(margin)",
                        alert.explanation,
                    ]
                },
            )
        }
    }

    /// The rows that each trial would have raised alerts for, one line a trial.
    private func run(_ trials: [RarityTrial], on backtest: SeriesBacktest) throws {
        for trial in trials { try printJSONLine(backtest.alerts(trial.settings).map(\.row)) }
    }
}
