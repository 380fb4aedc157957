import Activity
import Detection

/// Events in a file of comma-separated values.
struct EventFile: Sendable {
    /// In the order of rows; their ids are the numbers of the rows, counted from 1.
    let events: [ActivityEvent]

    /// Reads a file.
    ///
    /// - Throws: ``CSVError``.
    init(path: String) throws(CSVError) {
        let file = try CSVFile(path: path)
        let columns = try Columns(file)
        var events: [ActivityEvent] = []
        events.reserveCapacity(file.rows.count)
        for (number, row) in file.rows.enumerated() {
            guard let at = Timestamp(rfc3339: row[columns.time]) else {
                throw file.refusal(
                    row: number,
                    column: columns.time,
                    accepted: "are moments such as 2026-01-31T08:00:00Z",
                )
            }
            events.append(
                ActivityEvent(
                    id: Int64(number + 1),
                    at: at,
                    user: row[columns.user].nonEmpty,
                    ip: row[columns.ip].nonEmpty,
                    collection: row[columns.collection],
                    action: row[columns.action],
                    item: row[columns.item].nonEmpty,
                )
            )
        }
        self.events = events
    }

    private struct Columns {
        let time: Int
        let ip: Int
        let user: Int
        let action: Int
        let collection: Int
        let item: Int

        init(_ file: CSVFile) throws(CSVError) {
            time = try file.column("ts")
            ip = try file.column("ip")
            user = try file.column("user")
            action = try file.column("action")
            collection = try file.column("collection")
            item = try file.column("item")
        }
    }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
