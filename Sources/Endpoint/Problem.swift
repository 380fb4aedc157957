import NIOHTTP1

/// An answer that is an error, as RFC 9457 describes it.
///
/// `detail` is for readers: it says what was refused and what is accepted, and nothing of the inside.
struct Problem: Error {
    var status: HTTPResponseStatus
    var detail: String
    /// Seconds for `Retry-After`.
    var retryAfter: Int?
    /// The methods for `Allow`.
    var allow: String?
    /// The value of `WWW-Authenticate`.
    var challenge: String?
    /// What is left of a quota, which may be why.
    var quota: Quota?
    /// What the daemon's log should know. Never part of the answer.
    var underlying: (any Error)?

    /// The body, with `success` and `error` as the predecessor had them.
    func json(requestID: String) -> JSONValue {
        [
            "type": "about:blank",
            "title": .string(status.reasonPhrase),
            "status": .integer(Int64(status.code)),
            "detail": .string(detail),
            "requestId": .string(requestID),
            "success": false,
            "error": .string(detail),
        ]
    }
}

extension Problem {
    static func badParameter(_ name: String, _ value: String, accepted: String) -> Problem {
        Problem(
            status: .badRequest,
            detail: "parameter \(quoted(name)) has the value \(quoted(value)); accepted: \(accepted)",
        )
    }

    static func unknownParameter(_ name: String, _ value: String, accepted: String) -> Problem {
        Problem(
            status: .badRequest,
            detail: "parameter \(quoted(name)) with the value \(quoted(value)) is unknown here; accepted: \(accepted)",
        )
    }

    static func badBody(_ detail: String) -> Problem {
        Problem(status: .badRequest, detail: detail)
    }

    static func notFound(_ path: Substring) -> Problem {
        Problem(status: .notFound, detail: "there is nothing at \(quoted(path)); activity is under /api/activity")
    }

    static func methodNotAllowed(_ method: HTTPMethod, allow: String) -> Problem {
        Problem(
            status: .methodNotAllowed,
            detail: "method \(quoted(method.rawValue)) is not served here; accepted: \(allow)",
            allow: allow,
        )
    }

    static func unknownUser(_ id: String) -> Problem {
        Problem(status: .notFound, detail: "no activity of user \(quoted(id)) was ever seen")
    }

    static let noSnapshot = Problem(
        status: .serviceUnavailable,
        detail: "the first generation is still being computed; try again in a moment",
        retryAfter: 1,
    )

    static let overloaded = Problem(
        status: .serviceUnavailable,
        detail: "too many documents are waiting to be computed; try again in a moment",
        retryAfter: 1,
    )

    static let draining = Problem(
        status: .serviceUnavailable,
        detail: "the daemon is shutting down and takes no new readers",
    )

    static func actionFailed(_ action: String, _ error: any Error) -> Problem {
        Problem(
            status: .serviceUnavailable,
            detail: "\(action) failed; the daemon's log says why, the documents served before are still served",
            underlying: error,
        )
    }

    static func unexpected(_ error: any Error) -> Problem {
        Problem(
            status: .internalServerError,
            detail: "the request could not be answered; the daemon's log says why",
            underlying: error,
        )
    }

    static func bodyTooLarge(limit: Int) -> Problem {
        let use = limit == Exchange.bodyLimit ? ", which are ignored" : ""
        return Problem(status: .payloadTooLarge, detail: "a request may carry at most \(limit) bytes here\(use)")
    }

    /// A request that could not be parsed.
    static func malformed(_ error: HTTPParserError) -> Problem {
        switch error {
        case .headerOverflow:
            .headTooLarge
        // The decoder takes what is wrong with the end of a request line for a part of the version, too.
        default:
            Problem(status: .badRequest, detail: "this is no well-formed request of HTTP/1.1 or HTTP/1.0")
        }
    }

    /// Quoted, and cut when a reader sent something long.
    static func quoted(_ text: some StringProtocol) -> String {
        text.utf8.count <= 80 ? "\"\(text)\"" : "\"\(text.prefix(80))…\""
    }
}
