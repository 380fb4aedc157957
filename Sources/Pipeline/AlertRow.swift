import Activity
import Detection
import FoundationEssentials
import PostgresClient

/// A row of `alert`.
struct AlertRow {
    private let episode: AlertEpisode
    private let stored: String
    private let data: String

    init(_ change: AlertChange, source: String, at now: Timestamp) {
        episode = change.episode
        data = AlertMessage(change, source: source, at: now).data
        stored = Self.json(change.episode)
    }

    /// The columns of rows, in the order of `sql/alerts/record.sql`.
    static func parameters(_ rows: [AlertRow]) -> [PostgresParameter] {
        let episodes = rows.map(\.episode)
        return [
            .textArray(episodes.map(\.occurrenceID)),
            .textArray(episodes.map(\.fingerprint)),
            .textArray(episodes.map(\.finding.rule.name)),
            .textArray(episodes.map(\.finding.alertType)),
            .textArray(episodes.map(\.severity.rawValue)),
            .textArray(episodes.map(\.status.rawValue)),
            .timestampArray(episodes.map(\.startsAt.microseconds)),
            .timestampArray(episodes.map { $0.endsAt?.microseconds ?? .max }),
            .int8Array(episodes.map { Int64($0.published) }),
            .optionalTextArray(episodes.map(\.suppressedBy)),
            .textArray(rows.map(\.stored)),
            .textArray(rows.map(\.data)),
        ]
    }

    private static func json(_ episode: AlertEpisode) -> String {
        do {
            return String(decoding: try JSONEncoder().encode(episode), as: UTF8.self)
        } catch {
            preconditionFailure("an episode with a number that is not finite: \(error)")
        }
    }
}
