import NIOCore
import NIOHTTP1

/// An answer before it is put on a connection, which adds `Date`, `Server`, `X-Request-Id` and `Connection`.
struct Reply: Sendable {
    var status: HTTPResponseStatus
    var headers: HTTPHeaders
    var body: ByteBuffer?
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
    }

    static func text(_ text: String) -> Reply {
        Reply(.ok, "text/plain; charset=utf-8", Array(text.utf8))
    }

    static func json(_ value: JSONValue, _ status: HTTPResponseStatus = .ok) -> Reply {
        Reply(status, "application/json; charset=utf-8", value.encoded)
    }

    static func options(allow: String) -> Reply {
        Reply(.noContent, ["Allow": allow])
    }

    static func problem(_ problem: Problem, requestID: String) -> Reply {
        var reply = Reply(problem.status, "application/problem+json", problem.json(requestID: requestID).encoded)
        if let seconds = problem.retryAfter { reply.headers.add(name: "Retry-After", value: String(seconds)) }
        if let allow = problem.allow { reply.headers.add(name: "Allow", value: allow) }
        if let challenge = problem.challenge { reply.headers.add(name: "WWW-Authenticate", value: challenge) }
        problem.quota?.add(to: &reply.headers)
        reply.failure = problem.underlying
        return reply
    }
}
