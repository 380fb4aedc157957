import NIOHTTP1

/// One request on a connection, from its head on, until it is answered.
struct Exchange: Sendable {
    /// Nil when the request could not be parsed.
    let head: HTTPRequestHead?
    let id: String
    /// Whom it is from.
    let client: ClientAddress
    let began: ContinuousClock.Instant

    /// The most bytes of a body that are taken and ignored where there is no use for one.
    static let bodyLimit = 1024
    /// The most bytes of a body that is of use.
    static let keptBodyLimit = 64 << 10

    var version: HTTPVersion { head?.version ?? .http1_1 }
    var isHead: Bool { head?.method == .HEAD }

    /// Whether another request may follow. After `CONNECT` or an upgrade the decoder takes no more requests.
    var keepsAlive: Bool {
        guard let head else { return false }
        return head.isKeepAlive && head.method != .CONNECT && !head.headers.contains(name: "upgrade")
    }

    /// The route that the body is for. Not looked up for readers, whose path is hot.
    var bodyRoute: Route? {
        guard let head, head.method == .POST else { return nil }
        return Route.match(RequestTarget(head.uri).path).flatMap { $0.route.takesBody ? $0.route : nil }
    }

    /// Why the request is refused before its body is read.
    var refusal: Problem? {
        guard let head else { return nil }
        if let refusal = HeadLimits.refusal(of: head) { return refusal }
        let length = head.headers.first(name: "content-length").map { Int($0) ?? .max } ?? 0
        guard length > Self.bodyLimit else { return nil }
        let limit = bodyRoute == nil ? Self.bodyLimit : Self.keptBodyLimit
        return length > limit ? .bodyTooLarge(limit: limit) : nil
    }

    /// Whether the client waits for leave to send its body.
    var awaitsContinue: Bool {
        head?.version == .http1_1 && head?.headers.first(name: "expect")?.lowercased() == "100-continue"
    }
}
