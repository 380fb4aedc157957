package import Activity

/// A document under the name that readers of Redis know it by.
package struct Publication: Sendable {
    /// The key without the prefix, such as `dashboard:7d`.
    package let name: String
    /// Where the bytes come from.
    package let document: Document
    /// The part of the document that is published.
    package let selection: RowSelection

    /// Everything that a snapshot publishes, in no particular order.
    ///
    /// Lists hold every row that a reader may ask for, so that `limit`, `minActivity` and `threshold` are prefixes of
    /// them; an hourly series is published once for each configured length.
    package static func all(of snapshot: Snapshot) -> [Publication] {
        snapshot.documents.flatMap { key, document in
            switch key {
            case .hourly(let action):
                snapshot.windows.hours.map { hours in
                    Publication(
                        name: "hourly:\(hours)h" + (action.map { ":\($0)" } ?? ""),
                        document: document,
                        selection: .newest(hours: hours),
                    )
                }
            default:
                [Publication(name: name(of: key), document: document, selection: .all)]
            }
        }
    }

    private static func name(of key: DocumentKey) -> String {
        switch key {
        case .dashboard(let days): "dashboard:\(days)d"
        case .collections(let days): "collections:\(days)d"
        case .actions(let days, let collection): "actions:\(days)d" + (collection.map { ":\($0)" } ?? "")
        case .ips(let days): "ips:\(days)d"
        case .users(let days): "users:\(days)d"
        case .user(let id, let days): "user:\(id):\(days)d"
        case .hourly(let action): "hourly:\(Windows.longestHours)h" + (action.map { ":\($0)" } ?? "")
        case .alerts(let hours): "alerts:\(hours)h"
        }
    }
}
