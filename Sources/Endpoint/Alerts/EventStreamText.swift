import NIOCore

/// The text of server-sent events.
///
/// Source: HTML, section 9.2, <https://html.spec.whatwg.org/multipage/server-sent-events.html>.
enum EventStreamText {
    static let heartbeat = ByteBuffer(string: ": heartbeat\n\n")
    static let farewell = ByteBuffer(string: ": the daemon is shutting down\n\n")
    static let waiting = ByteBuffer(string: ": the database is away; events follow once it is back\n\n")

    /// What a stream begins with: how long to wait before connecting again, in milliseconds, and bytes that make
    /// whatever stands between pass the head on.
    static let greeting = ByteBuffer(string: "retry: 2000\n: alerts\n\n")

    /// Tells a reader which number to go on from although there is no event: one without data is not dispatched.
    static func position(_ sequence: Int64) -> ByteBuffer {
        ByteBuffer(string: "id: \(sequence)\n\n")
    }

    static func alerts(_ events: some Collection<NumberedEvent>) -> ByteBuffer {
        var text = ByteBuffer()
        text.reserveCapacity(events.reduce(0) { $0 + $1.json.utf8.count + 64 })
        for event in events {
            text.writeString("id: \(event.sequence)\nevent: alert\ndata: ")
            text.writeString(singleLine(event.json))
            text.writeString("\n\n")
        }
        return text
    }

    /// Tells a reader that events were left out, those after one number up to another.
    static func resync(after: Int64, through: Int64) -> ByteBuffer {
        ByteBuffer(
            string: "id: \(through)\nevent: resync\ndata: {\"after\":\(after),\"through\":\(through)}\n\n"
        )
    }

    /// JSON has line breaks only where blanks are as good.
    private static func singleLine(_ json: String) -> String {
        guard json.utf8.contains(where: \.isLineBreak) else { return json }
        return String(decoding: json.utf8.map { $0.isLineBreak ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
    }
}

extension UInt8 {
    fileprivate var isLineBreak: Bool { self == UInt8(ascii: "\n") || self == UInt8(ascii: "\r") }
}
