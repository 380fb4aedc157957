import Glibc
import NIOHTTP1

/// The bounds of a request's head, and what the decoder lets pass in it although others would read it differently.
enum HeadLimits {
    static let block = 16 << 10
    static let field = 8 << 10
    static let fields = 64
    static let target = 4 << 10

    static let description = "\(block) bytes in all, \(field) in each field, \(fields) fields"

    /// A target or field that is too long by itself is left to us, who can say which it was.
    static var decoder: NIOHTTPDecoderLimitConfiguration {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderListSize = block
        limits.maxHeaderFieldSize = block
        limits.maxHeaderFieldCount = fields
        return limits
    }

    /// Why a head is refused; nil for most.
    static func refusal(of head: HTTPRequestHead) -> Problem? {
        guard head.uri.utf8.count <= target else { return .targetTooLong }
        var hosts = 0
        for (name, value) in head.headers {
            if name.utf8.count + value.utf8.count > field { return .headTooLarge }
            // A field that goes on in the next line: the decoder leaves the line's end in it.
            if value.hasCarriageReturn { return .foldedField }
            if name.utf8.count == 4, name.lowercased() == "host" {
                hosts += 1
                if !HostName.isWellFormed(value) { return .malformedHost }
            }
        }
        if head.version == .http1_1, hosts != 1 { return .missingHost }
        return head.hasUnclearLength ? .unclearLength : nil
    }
}

extension String {
    fileprivate var hasCarriageReturn: Bool {
        utf8.withContiguousStorageIfAvailable { bytes in
            bytes.baseAddress.map { memchr($0, 13, bytes.count) != nil } ?? false
        } ?? utf8.contains(13)
    }
}

extension HTTPRequestHead {
    /// Whether somebody else could see another end of the body than the decoder does.
    fileprivate var hasUnclearLength: Bool {
        let codings = headers["transfer-encoding"]
        guard !codings.isEmpty else { return headers["content-length"].count > 1 }
        return version != .http1_1 || codings.count > 1 || codings.first?.lowercased() != "chunked"
            || headers.contains(name: "content-length")
    }
}

extension Problem {
    fileprivate static let targetTooLong = Problem(
        status: .uriTooLong,
        detail: "the target of a request is too long; accepted: \(HeadLimits.target) bytes",
    )

    static let headTooLarge = Problem(
        status: .requestHeaderFieldsTooLarge,
        detail: "target and fields of a request are too large; accepted: \(HeadLimits.description)",
    )

    fileprivate static let missingHost = Problem(
        status: .badRequest,
        detail: "an HTTP/1.1 request carries exactly one Host field",
    )

    fileprivate static let malformedHost = Problem(
        status: .badRequest,
        detail: "the field Host of a request is malformed; accepted: a host name or address, and a port",
    )

    fileprivate static let foldedField = Problem(
        status: .badRequest,
        detail: "a field of a request has a line of its own",
    )

    fileprivate static let unclearLength = Problem(
        status: .badRequest,
        detail: "where a body ends is not clear; accepted: one Content-Length, "
            + "or in HTTP/1.1 Transfer-Encoding: chunked and nothing else",
    )
}
