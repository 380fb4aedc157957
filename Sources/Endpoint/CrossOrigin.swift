import NIOHTTP1

/// Whose pages may read answers from within a browser, beside our own (Fetch standard, CORS protocol).
///
/// Never with credentials: a browser sends none of its own, and a token is added by the page that has it.
package struct CrossOrigin: Sendable, Hashable {
    /// As browsers write them: `https://example.org`, `http://localhost:8080`.
    package private(set) var origins: [String] = []
    package private(set) var isForAll = false

    package static let accepted = "origins such as https://example.org or http://localhost:8080, or * for all"

    private static let exposed = "Age, ETag, RateLimit, RateLimit-Policy, Retry-After, X-Activity-Stale, X-Request-Id"
    private static let requestFields =
        "Accept, Authorization, Content-Type, If-Modified-Since, If-None-Match, Last-Event-ID"
    private static let preflightSeconds = 7200

    /// Nobody's.
    package init() {}

    /// Adds an element as it was written.
    ///
    /// - Returns: false when a browser would never send it as an origin.
    package mutating func add(_ text: String) -> Bool {
        if text == "*" {
            isForAll = true
            return true
        }
        guard Self.isOrigin(text) else { return false }
        if !origins.contains(text) { origins.append(text) }
        return true
    }

    var isEmpty: Bool { origins.isEmpty && !isForAll }

    /// Whether the page that a request comes from may read the answer.
    func allows(_ headers: HTTPHeaders) -> Bool {
        guard !isEmpty, let origin = headers.first(name: "origin") else { return false }
        return isForAll || origins.contains(origin)
    }

    /// Adds what tells a browser to let the page read.
    ///
    /// - Parameters:
    ///   - reply: the headers of the answer.
    ///   - request: the request's method and headers.
    func add(to reply: inout HTTPHeaders, for request: HTTPRequestHead) {
        guard !isEmpty else { return }
        if !isForAll { Self.addVary(to: &reply) }
        guard allows(request.headers), let origin = request.headers.first(name: "origin") else { return }
        reply.add(name: "Access-Control-Allow-Origin", value: isForAll ? "*" : origin)
        guard request.method == .OPTIONS, request.headers.contains(name: "access-control-request-method") else {
            return reply.add(name: "Access-Control-Expose-Headers", value: Self.exposed)
        }
        guard let methods = reply.first(name: "allow") else { return }
        reply.add(name: "Access-Control-Allow-Methods", value: methods)
        reply.add(name: "Access-Control-Allow-Headers", value: Self.requestFields)
        reply.add(name: "Access-Control-Max-Age", value: String(Self.preflightSeconds))
    }

    /// A cache must not give one page the answer for another, not even the one without an origin.
    private static func addVary(to reply: inout HTTPHeaders) {
        let names = reply["vary"] + ["Origin"]
        reply.replaceOrAdd(name: "Vary", value: names.joined(separator: ", "))
    }

    private static func isOrigin(_ text: String) -> Bool {
        guard let scheme = ["http://", "https://"].first(where: text.hasPrefix), text == text.lowercased() else {
            return false
        }
        let authority = text.utf8.dropFirst(scheme.utf8.count)
        return !authority.isEmpty
            && authority.allSatisfy { byte in
                (0x21...0x7E).contains(byte) && !"/?#@,\\\"'".utf8.contains(byte)
            }
    }
}

extension CrossOrigin: CustomStringConvertible {
    /// As the configuration has it.
    package var description: String { ((isForAll ? ["*"] : []) + origins).joined(separator: ",") }
}
