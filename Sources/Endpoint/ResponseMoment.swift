import NIOCore
import NIOHTTP1

/// The fields of a response that are another each time: `Age`, `X-Activity-Stale`, `Date`, `X-Request-Id`.
struct ResponseMoment {
    /// Whole seconds; nil for what is not made of documents.
    let age: Int64?
    let isStale: Bool
    let date: String
    let id: String

    func add(to headers: inout HTTPHeaders) {
        if let age { headers.add(name: "Age", value: String(age)) }
        if isStale { headers.add(name: "X-Activity-Stale", value: "1") }
        headers.add(name: "Date", value: date)
        headers.add(name: "X-Request-Id", value: id)
    }

    /// Writes the same fields after others, and ends the head.
    func endHead(in head: inout ByteBuffer) {
        if let age {
            head.writeStaticString("Age: ")
            head.writeString(String(age))
            head.writeStaticString("\r\n")
        }
        if isStale { head.writeStaticString("X-Activity-Stale: 1\r\n") }
        head.writeStaticString("Date: ")
        head.writeString(date)
        head.writeStaticString("\r\nX-Request-Id: ")
        head.writeString(id)
        head.writeStaticString("\r\n\r\n")
    }
}
