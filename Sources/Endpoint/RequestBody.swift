import NIOCore

/// The body of a request while it arrives: kept for routes that take one, counted for all.
struct RequestBody: Sendable {
    /// The most bytes that are taken.
    let limit: Int
    private let isKept: Bool
    private var count = 0
    /// What has arrived; nil when nothing has, or nothing of it is kept.
    private(set) var bytes: ByteBuffer?

    /// An empty body.
    ///
    /// - Parameter isKept: whether the route has a use for it.
    init(isKept: Bool) {
        self.isKept = isKept
        limit = isKept ? Exchange.keptBodyLimit : Exchange.bodyLimit
    }

    var isTooLarge: Bool { count > limit }

    /// Takes a part, which is not kept once there are too many.
    mutating func append(_ part: ByteBuffer) {
        count += part.readableBytes
        guard isKept, !isTooLarge else { return }
        var part = part
        bytes.setOrWriteBuffer(&part)
    }
}
