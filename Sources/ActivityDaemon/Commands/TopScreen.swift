import Activity
import Pipeline
import Scheduling

/// The lines that `activityd top` shows of a reading.
package struct TopScreen: Sendable {
    private let reading: TopReading
    private let previous: TopReading?

    /// A screen.
    ///
    /// - Parameters:
    ///   - reading: what to show.
    ///   - previous: the one before, for rates; nil for none.
    package init(_ reading: TopReading, after previous: TopReading? = nil) {
        self.reading = reading
        self.previous = previous
    }

    /// All lines, the most important first. They are printable: what alerts name was written by anybody.
    package var lines: [String] {
        let lines = [headline] + TextTable([], figures).lines + section(alerts) + section(jobs)
        return lines.map(\.printable)
    }

    /// The same on a terminal: what does not fit is left out.
    ///
    /// - Parameters:
    ///   - columns: of the terminal, at least 1.
    ///   - rows: of the terminal, at least 1.
    /// - Returns: at most so many lines of so many characters.
    package func lines(columns: Int, rows: Int) -> [String] {
        lines.prefix(rows).map { String($0.prefix(columns)) }
    }

    private var headline: String {
        let process = reading.health?.process
        let parts = [
            "activityd \(reading.time)", reading.health?.message,
            process.map { "up \(Self.wording(Double($0.uptimeSeconds)))" },
            process.map { "\($0.residentBytes >> 20) MiB" },
        ]
        return parts.compactMap(\.self).joined(separator: ", ")
    }

    private var figures: [[String]] {
        [
            ("feed", feed), ("generation", generation), ("stores", stores), ("alerts", relay), ("requests", requests),
        ].compactMap { name, texts in
            let known = texts.compactMap(\.self)
            return known.isEmpty ? nil : [name, known.joined(separator: ", ")]
        } + reading.troubles.map { ["trouble", $0] }
    }

    private var feed: [String?] {
        let feed = reading.feed
        return [
            feed.map { "\($0.rows) rows fed" }, feed.map { "\($0.behind) ids behind" },
            feed?.idleSeconds.map { "fed \(Self.wording($0)) ago" },
            component("feed")?.gaps.map { "\($0) gaps" },
            component("feed")?.caughtUp == false ? "first run" : nil,
        ]
    }

    private var generation: [String?] {
        let precompute = component("precompute")
        let refresh = precompute?.lastRefresh
        return [
            precompute?.generation.map { "number \($0)" },
            precompute?.computedAt.flatMap(age).map { "computed \(Self.wording($0)) ago" },
            precompute?.dataThrough.map { "data through \($0)" },
            refresh.map { "\($0.documents) documents in \(Int(($0.total * 1000).rounded())) ms" },
        ]
    }

    private var stores: [String?] {
        ["postgres", "redis", "replica"].map { name in
            component(name).map { "\(name) \($0.status)" + ($0.detail.map { " (\($0))" } ?? "") }
        }
    }

    private var relay: [String?] {
        let relay = component("alerts")
        return [
            relay?.lastSequence.map { "last sequence \($0)" }, relay?.pending.map { "\($0) to be relayed" },
            relay?.pending ?? 0 > 0 ? relay?.lagSeconds.map { "the oldest for \(Self.wording($0))" } : nil,
        ]
    }

    private var requests: [String?] {
        guard let requests = reading.requests else { return [] }
        return ["\(requests.hits + requests.misses)", rate.map { "\($0)/s" }, "\(requests.hitRate) from memory"]
    }

    /// A second since the reading before; nil without one, and when the daemon has started anew.
    private var rate: Int64? {
        guard let now = reading.requests, let previous, let before = previous.requests else { return nil }
        let count = now.hits + now.misses - before.hits - before.misses
        let seconds = previous.instant.duration(to: reading.instant) / .seconds(1)
        return count < 0 || seconds <= 0 ? nil : Int64((Double(count) / seconds).rounded())
    }

    private var alerts: [String] {
        guard !reading.alerts.isEmpty else { return [] }
        return TextTable(
            ["SINCE", "STATUS", "SEVERITY", "WHAT"],
            reading.alerts.map { [$0.startsAt, $0.status, $0.severity, $0.subject] },
        ).lines
    }

    private var jobs: [String] {
        guard !reading.jobs.isEmpty else { return [] }
        return TextTable(
            ["JOB", "STATE", "LAST RUN", "", "TOOK", "NEXT"],
            reading.jobs.map { job in
                let name = job.title.map { "\(job.name) (\($0))" } ?? job.name
                let (last, status) = (job.lastRun?.nominalAt ?? "", job.lastRun?.status ?? "")
                let took = job.lastRun?.duration.map { "\(Int(($0 * 1000).rounded())) ms" } ?? ""
                return [name, job.state, last, status, took, job.next ?? ""]
            },
        ).lines
    }

    private func section(_ lines: [String]) -> [String] {
        lines.isEmpty ? [] : [""] + lines
    }

    private func component(_ name: String) -> DaemonHealth.Component? {
        reading.health?.components[name]
    }

    /// Seconds from a moment to the reading.
    private func age(_ moment: String) -> Double? {
        guard let then = Timestamp(rfc3339: moment), let now = Timestamp(rfc3339: reading.time) else { return nil }
        return max(0, Double(now.microseconds - then.microseconds) / 1_000_000)
    }

    /// As `4 s`, `12 min`, `3 h`, `5 d`: the largest unit of which there are two.
    private static func wording(_ seconds: Double) -> String {
        let units = [(86_400.0, "d"), (3600.0, "h"), (60.0, "min")]
        let (length, name) = units.first { seconds >= 2 * $0.0 } ?? (1, "s")
        return "\(Int(seconds / length)) \(name)"
    }
}
