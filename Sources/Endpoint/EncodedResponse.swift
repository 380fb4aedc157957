import Activity
import NIOCore

/// The selected rows of a document as they go over the wire. Immutable, and shared by all who ask for the same.
final class EncodedResponse: Sendable {
    /// The bytes in one content coding, with what the head says of them.
    struct Representation: Sendable {
        let body: ByteBuffer
        /// The strong entity tag with its quotes.
        let entityTag: String
        let contentLength: String
        /// Whether the content coding is gzip, identity otherwise.
        let isCompressed: Bool

        fileprivate init(_ bytes: [UInt8], entityTag: String, isCompressed: Bool) {
            body = ByteBuffer(bytes: bytes)
            contentLength = String(bytes.count)
            self.entityTag = entityTag
            self.isCompressed = isCompressed
        }
    }

    /// The least that is worth compressing, in bytes.
    static let compressibleSize = 1024

    /// The document's revision: as long as it holds, so do these bytes.
    let revision: Int64
    let identity: Representation
    /// Nil when compression gains nothing.
    let gzip: Representation?
    /// When the content was computed, as IMF-fixdate.
    let lastModified: String
    /// The same as RFC 3339 in whole seconds.
    let modified: String

    /// Encodes and compresses: about 20 ms for each megabyte.
    ///
    /// - Parameters:
    ///   - body: the bytes of the selected rows in their envelope.
    ///   - document: the document that they were cut from.
    ///   - layout: how they are laid out.
    init(_ body: [UInt8], of document: Document, _ layout: JSONLayout) {
        let body = layout.applied(to: body)
        let tag = layout == .compact ? "\(document.revision)" : "\(document.revision)-pretty"
        revision = document.revision
        identity = Representation(body, entityTag: "\"\(tag)\"", isCompressed: false)
        gzip = Self.compress(body).map { Representation($0, entityTag: "\"\(tag)-gzip\"", isCompressed: true) }
        lastModified = HTTPDate.text(of: document.computedAt)
        modified = document.computedAt.wholeSecond.description
    }

    /// Nil when it gains nothing.
    static func compress(_ body: [UInt8]) -> [UInt8]? {
        guard body.count >= compressibleSize, let compressed = Gzip.compress(body) else { return nil }
        return compressed.count < body.count ? compressed : nil
    }

    /// Bytes in memory.
    var cost: Int {
        identity.body.readableBytes + (gzip?.body.readableBytes ?? 0)
    }

    /// The representation for a reader that prefers a coding.
    func representation(preferring coding: ContentCoding) -> Representation {
        coding == .gzip ? gzip ?? identity : identity
    }
}
