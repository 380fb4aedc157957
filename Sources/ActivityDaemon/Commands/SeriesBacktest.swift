package import Detection
import Glibc

/// `activityd backtest --csv`: judges the values of a file of comma-separated values, one row after another, as a live series would be.
///
/// The first 15 % of the rows, 750 at most, only teach what is usual.
package struct SeriesBacktest: Sendable {
    private let series: SeriesFile
    private let probation: Int

    /// An alert that the series would have raised.
    package struct Alert: Sendable, Encodable {
        /// The row of its value, counted from 0 after the header.
        package var row: Int
        /// The moment as the file has it.
        package var timestamp: String
        /// The value.
        package var value: Double
        /// What was most unusual: `rare-value`, `rare-level`, `rare-burst` or `off-profile`.
        package var reason: String
        /// By how much, in that reason's own measure.
        package var margin: Double
        /// Why, in words and numbers.
        package var explanation: String

        private enum CodingKeys: CodingKey {
            case row, timestamp, value, reason, margin
        }
    }

    /// What judging a value costs.
    package struct Cost: Sendable, Encodable {
        /// Values judged.
        package var points: Int
        /// On one core, without reading the file.
        package var nanosecondsPerPoint: Double
    }

    /// Reads a series.
    ///
    /// - Parameters:
    ///   - path: where the file is.
    ///   - time: the name of the column with moments.
    ///   - value: the name of the column with numbers.
    /// - Throws: ``CSVError``.
    package init(path: String, time: String, value: String) throws(CSVError) {
        series = try SeriesFile(path: path, time: time, value: value)
        probation = RaritySettings().probation(ofSeries: series.values.count)
    }

    /// The alerts, in the order of rows.
    ///
    /// - Parameter settings: the thresholds; the probation is that of the defaults.
    /// - Returns: one for each episode.
    /// - Throws: nothing for values that were read from a file.
    package func alerts(_ settings: RaritySettings = RaritySettings()) throws -> [Alert] {
        var alerts: [Alert] = []
        try judge(settings) { row, verdict in
            guard verdict.isAlert, let reason = verdict.reason else { return }
            alerts.append(
                Alert(
                    row: row,
                    timestamp: series.times[row],
                    value: series.values[row],
                    reason: reason.rawValue,
                    margin: verdict.margin,
                    explanation: verdict.explanation(unit: "rows"),
                )
            )
        }
        return alerts
    }

    /// Judges the whole series over and over for a second of this process's time, from memory.
    ///
    /// - Returns: what a value costs. Other work on the machine does not count.
    /// - Throws: nothing for values that were read from a file.
    package func cost() throws -> Cost {
        let start = clock()
        var points = 0
        var seconds = 0.0
        while seconds < 1 && !series.values.isEmpty {
            try judge(RaritySettings()) { _, _ in }
            points += series.values.count
            seconds = Double(clock() - start) / Double(CLOCKS_PER_SEC)
        }
        return Cost(points: points, nanosecondsPerPoint: seconds * 1e9 / Double(max(1, points)))
    }

    private func judge(_ settings: RaritySettings, _ body: (Int, RarityVerdict) throws -> Void) throws {
        var detector = RarityDetector(warmUp: probation, settings: settings)
        for (row, value) in series.values.enumerated() {
            if row < probation {
                try detector.teach(value, hourOfDay: series.hours[row])
            } else {
                try body(row, try detector.absorb(value, hourOfDay: series.hours[row]))
            }
        }
    }
}
