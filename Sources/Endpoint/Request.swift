import NIOCore
import NIOHTTP1

/// A request as far as answers depend on it.
struct Request: Sendable {
    let method: HTTPMethod
    let target: String
    let headers: HTTPHeaders
    let id: String
    /// Whom it is from.
    let client: ClientAddress
    /// Nil when there is none, and where none is of use.
    let body: ByteBuffer?

    init(_ head: HTTPRequestHead, id: String, from client: ClientAddress, body: ByteBuffer? = nil) {
        method = head.method
        target = head.uri
        headers = head.headers
        self.id = id
        self.client = client
        self.body = body
    }

    /// The coding of content that the reader likes best.
    var preferredCoding: ContentCoding {
        let fields = headers["accept-encoding"]
        return fields.isEmpty ? .identity : .preferred(by: fields)
    }

    /// Whether the reader has the representation already. Only for `GET` and `HEAD`.
    func isFresh(entityTag: String, modified: String) -> Bool {
        let tags = headers["if-none-match"]
        guard tags.isEmpty else { return EntityTag.matches(tags, entityTag) }
        guard let since = headers.first(name: "if-modified-since") else { return false }
        return HTTPDate.rfc3339(since).map { $0 >= modified } ?? false
    }
}
