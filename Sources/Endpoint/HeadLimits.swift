import NIOHTTP1

/// The bounds of a request's head.
enum HeadLimits {
    static let block = 16 << 10
    static let field = 8 << 10
    static let fields = 64

    static let description = "\(block) bytes in all, \(field) in each field or target, \(fields) fields"

    static var decoder: NIOHTTPDecoderLimitConfiguration {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderListSize = block
        limits.maxHeaderFieldSize = field
        limits.maxHeaderFieldCount = fields
        return limits
    }
}
