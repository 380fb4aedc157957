import Activity
import Detection
import Endpoint
import Pipeline
import PostgresClient
import Scheduling
import Synchronization

extension HealthBoard {
    /// One line for a person: what is wrong, how far the feed is, what the server is long about, the next slot, the last
    /// alert. The same for as long as nothing happens.
    package var statusLine: String {
        let state = state.withLock { $0 }
        let parts = [troubles(state), [progress(state)], doing(state), past(state)]
        return parts.flatMap(\.self).joined(separator: "; ")
    }

    private func troubles(_ state: State) -> [String] {
        let others = state.postgres.status == .down ? [] : [("feed", state.feed), ("scheduler", state.scheduler)]
        let down = ([("postgres", state.postgres)] + others + [("redis", state.redis)]).compactMap { name, part in
            part.status == .down ? "\(name) down, retrying: \(part.trouble?.text ?? "")" : nil
        }
        let silent = state.silentParts.isEmpty ? [] : ["\(state.silentParts.joined(separator: ", ")) does not turn"]
        return silent + down + (state.refusal.map { ["new configuration refused, the old one is kept: \($0)"] } ?? [])
    }

    private func progress(_ state: State) -> String {
        guard let batch = state.lastBatch?.batch else { return "starting" }
        let rows = "\(batch.totalRows.grouped) rows fed"
        guard state.hasCaughtUp else {
            let share = batch.newestID.map { 100 * max(0, batch.lastID) / max(1, $0) } ?? 0
            return "first run: \(rows), \(share) % of ids"
        }
        let behind = max(0, (batch.newestID ?? 0) - batch.lastID)
        let lag = behind == 0 ? "no lag" : "\(behind.grouped) ids behind"
        guard let refresh = state.lastRefresh else { return "\(rows), \(lag), computing" }
        return "\(rows), \(lag), \(refresh.documents) documents"
    }

    private func doing(_ state: State) -> [String] {
        let underWay = state.underWay.map { ["\($0)"] } ?? []
        let next = state.next.map { ["next \($0.job) at \(Timestamp(microseconds: $0.at.microseconds).toTheMinute)"] }
        return underWay + (next ?? [])
    }

    private func past(_ state: State) -> [String] {
        guard let alert = state.lastAlert else { return [] }
        let finding = alert.finding
        return ["last alert \(finding.alertType) of \(finding.subject.title) at \(alert.startsAt.toTheMinute)"]
    }
}

extension Int64 {
    /// With a comma between thousands.
    fileprivate var grouped: String {
        let digits = Array(String(magnitude))
        var text = self < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return text
    }
}

extension Timestamp {
    /// `2026-01-31 23:59 UTC`.
    fileprivate var toTheMinute: String {
        description.prefix(16).replacing("T", with: " ") + " UTC"
    }
}
