import Activity
import NIOCore
import NIOHTTP1

/// An answer before it is put on a connection, which adds what `ResponseHeads` knows.
struct Reply: Sendable {
    var status: HTTPResponseStatus
    var headers: HTTPHeaders
    var body: ByteBuffer?
    /// Whether the body may still be compressed for a reader.
    var isCompressible = false
    /// Writes the body until it returns, which ends the connection. Its task is cancelled when the connection is gone
    /// or the server drains. Never called for `HEAD`.
    var stream: (@Sendable (ReplyWriter) async -> Void)?
    /// When the documents were computed that this is made from; decides `Age`.
    var computedAt: Timestamp?
    /// Until this changes, whoever sends the same request gets the same answer, the moment's fields aside; nil when that
    /// is not so.
    var basis: AnswerBasis?
    var route: Route?
    var cache: RequestObservation.CacheOutcome?
    var failure: (any Error)?

    /// An answer without a body.
    init(_ status: HTTPResponseStatus, _ headers: HTTPHeaders) {
        self.status = status
        self.headers = headers
    }

    /// An answer that no cache may keep.
    init(_ status: HTTPResponseStatus, _ mediaType: String, _ bytes: [UInt8]) {
        self.status = status
        headers = [
            "Content-Type": mediaType,
            "Content-Length": String(bytes.count),
            "Cache-Control": "no-store",
        ]
        body = ByteBuffer(bytes: bytes)
        isCompressible = true
    }

    static func text(_ text: String) -> Reply {
        Reply(.ok, "text/plain; charset=utf-8", Array(text.utf8))
    }

    static func json(_ value: JSONValue, _ status: HTTPResponseStatus = .ok) -> Reply {
        Reply(status, "application/json; charset=utf-8", value.encoded)
    }

    /// The same JSON in another layout.
    func laidOut(_ layout: JSONLayout) -> Reply {
        guard let body, headers.first(name: "content-type")?.hasPrefix("application/json") == true else { return self }
        let bytes = layout.applied(to: Array(body.readableBytesView))
        var reply = self
        reply.headers.replaceOrAdd(name: "Content-Length", value: String(bytes.count))
        reply.body = ByteBuffer(bytes: bytes)
        return reply
    }

    static func options(allow: String) -> Reply {
        Reply(.noContent, ["Allow": allow])
    }

    static func problem(_ problem: Problem, requestID: String) -> Reply {
        let json = JSONLayout.indented.applied(to: problem.json(requestID: requestID).encoded)
        var reply = Reply(problem.status, "application/problem+json", json)
        reply.isCompressible = false
        if let seconds = problem.retryAfter { reply.headers.add(name: "Retry-After", value: String(seconds)) }
        if let allow = problem.allow { reply.headers.add(name: "Allow", value: allow) }
        if let challenge = problem.challenge { reply.headers.add(name: "WWW-Authenticate", value: challenge) }
        problem.quota?.add(to: &reply.headers)
        reply.failure = problem.underlying
        return reply
    }
}
