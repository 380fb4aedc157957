import ActivityDaemon
import ArgumentParser
import Glibc

/// `activityd backtest`
struct Backtest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell which alerts detection would have raised in the past.",
        discussion: """
            With --days over directus_activity and reported sign-ins, after learning from the weeks before; nothing is \
            written. With --events over a file with the columns ts, ip, user, action, collection and item, where nothing \
            is known before. With --csv a series of numbers is judged as the volume detector judges the counts of live \
            events; the first 15 % of the rows, 750 at most, only teach what is usual. Files have a header and need no \
            database.
            """,
    )

    @OptionGroup var settings: Settings

    @Option(help: "So many days until now.")
    var days: Int?

    @Option(help: "A file of comma-separated values with events.", completion: .file(extensions: ["csv"]))
    var events: String?

    @Option(help: "A file of comma-separated values with a series.", completion: .file(extensions: ["csv"]))
    var csv: String?

    @Option(help: "Of a series, the column with moments such as 2014-04-11 09:05:00.")
    var time = "timestamp"

    @Option(help: "Of a series, the column with numbers.")
    var value = "value"

    @Flag(help: "Print JSON, one line an alert.")
    var json = false

    @Flag(help: .hidden)
    var cost = false

    @Option(help: .hidden)
    var trials: String?

    func validate() throws {
        guard [days != nil, events != nil, csv != nil].count(where: \.self) == 1 else {
            throw ValidationError("accepted is one of '--days N', '--events FILE' and '--csv FILE'")
        }
        if let days, !(1...366).contains(days) {
            throw ValidationError("'--days \(days)' is refused; accepted is 1 to 366")
        }
    }

    func run() async throws {
        if let csv {
            try await explainingErrors { try runSeries(csv) }
        } else {
            try await settings.run { configuration, _ in try await runEvents(configuration) }
        }
    }

    private func runSeries(_ path: String) throws {
        let backtest = try SeriesBacktest(path: path, time: time, value: value)
        if cost { return try printJSONLine(backtest.cost()) }
        if let trials { return try run(RarityTrial.load(path: trials), on: backtest) }
        try report(backtest.alerts())
    }

    private func runEvents(_ configuration: DaemonConfiguration) async throws {
        let backtest = EventBacktest(configuration.detection)
        if let events { return try report(backtest.run(events: events)) }
        guard let days else { return }
        let showsProgress = isatty(STDERR_FILENO) == 1
        let result = try await backtest.run(days: days, of: configuration) { moment in
            if showsProgress { showProgress("reached \(moment)") }
        }
        if showsProgress { endProgress() }
        try report(result)
    }

    private func report(_ result: EventBacktest.Report) throws {
        for failure in result.failures { complain(failure) }
        if json {
            for alert in result.alerts { try printJSONLine(alert) }
        } else if result.alerts.isEmpty {
            print("nothing suspicious")
        } else {
            printTable(
                ["TIME", "WHAT", "SEVERITY", "WHO", "WHY"],
                result.alerts.map { alert in
                    let parts = [alert.ip, alert.network, alert.userId, alert.collection, alert.action]
                    let who = parts.compactMap(\.self).joined(separator: " ")
                    return [alert.timestamp, alert.alertType, alert.severity, who, alert.reason]
                },
            )
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
