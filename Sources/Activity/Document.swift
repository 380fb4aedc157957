/// A rendered document: its rows as JSON, ready to be cut and put into an envelope.
public struct Document: Sendable {
    /// The envelope that a document needs.
    enum Form: Sendable {
        /// `data` is an array of the rows.
        case list
        /// `data` is an array of the rows, with their number as top-level `count`.
        case countedList
        /// `data` is the only row.
        case object
    }

    /// The number of the generation in which the content last changed. With the selection it identifies the bytes.
    public let revision: Int64
    /// When the content was computed, which is also the end of its window.
    public let computedAt: Timestamp
    /// The newest row counted, nil when there was none.
    let dataThrough: Timestamp?
    /// The first moment of the window.
    let from: Timestamp
    let form: Form
    let rows: DocumentRows

    /// The complete JSON body of the selected rows in their envelope, in UTF-8.
    public func body(_ selection: RowSelection = .all) -> [UInt8] {
        let selected = rows.range(of: selection)
        var json = JSONWriter()
        json.append(raw: form == .object ? "{\"success\":true,\"data\":" : "{\"success\":true,\"data\":[")
        json.append(raw: rows.bytes(of: selected))
        json.append(raw: form == .object ? "," : "],")
        if form == .countedList {
            json.append(raw: "\"count\":")
            json.append(selected.count)
            json.append(raw: ",")
        }
        appendMeta(from: start(of: selection), to: &json)
        json.append(raw: "}")
        return json.bytes
    }

    /// A series that is cut to its newest hours begins later than the series itself.
    private func start(of selection: RowSelection) -> Timestamp {
        guard case .newest(let hours) = selection else { return from }
        return max(from, computedAt.hour.advanced(by: -hours).start)
    }

    private func appendMeta(from: Timestamp, to json: inout JSONWriter) {
        json.append(raw: "\"meta\":{\"generation\":")
        json.append(revision)
        json.append(raw: ",\"computedAt\":\"")
        json.append(computedAt)
        json.append(raw: "\",\"dataThrough\":")
        json.append(quoted: dataThrough)
        json.append(raw: ",\"from\":\"")
        json.append(from)
        json.append(raw: "\",\"to\":\"")
        json.append(computedAt)
        json.append(raw: "\"}")
    }

    /// An older rendering of the same key if it says the same, so that its revision holds on; otherwise this one.
    public func unlessUnchanged(since older: Document?, _ key: DocumentKey) -> Document {
        guard let older, rows == older.rows, !key.beginsOnWholeHour || from == older.from else { return self }
        return older
    }
}
