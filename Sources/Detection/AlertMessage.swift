public import Activity
import FoundationEssentials

/// What subscribers get: a CloudEvents 1.0 event in JSON. The relay adds its `sequence`.
///
/// Source: <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md>.
public struct AlertMessage: Sendable, Hashable {
    /// `<occurrenceId>:<n>`: unique, and the same however often it is sent.
    public let id: String
    /// The alert that it is about.
    public let occurrenceID: String
    /// The whole event.
    public let event: String
    /// Its member `data`.
    public let data: String

    /// The message of a change, whether it is published or not.
    ///
    /// - Parameters:
    ///   - change: the episode as it is, and what is published of it.
    ///   - source: who says so, a URI reference.
    ///   - now: the event's time.
    public init(_ change: AlertChange, source: String, at now: Timestamp) {
        let episode = change.episode
        occurrenceID = episode.occurrenceID
        id = "\(episode.occurrenceID):\(episode.published)"
        let data = AlertData(episode)
        self.data = Self.json(data)
        let envelope = Envelope(
            id: id,
            source: source,
            type: "activityd.alert.\((change.event ?? .updated).rawValue)",
            subject: episode.finding.subject.path,
            time: now.description,
            data: data,
        )
        event = Self.json(envelope)
    }

    private struct Envelope: Encodable {
        let specversion = "1.0"
        let id: String
        let source: String
        let type: String
        let subject: String
        let time: String
        let datacontenttype = "application/json"
        let data: AlertData
    }

    private static func json(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            preconditionFailure("an alert with a number that is not finite: \(error)")
        }
    }
}
