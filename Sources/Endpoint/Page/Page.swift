import Crypto
import FoundationEssentials
import NIOCore

/// The dashboard for people: one HTML file that is compiled in, with what its head says of it.
///
/// It is the same for everybody and holds no data. What it shows it asks for itself, by the routes that all others use.
struct Page: Sendable {
    /// The bytes in one content coding.
    struct Representation: Sendable {
        let body: ByteBuffer
        /// The strong entity tag with its quotes.
        let entityTag: String
        let isCompressed: Bool
    }

    let identity: Representation
    /// Nil when there was no memory for it.
    let gzip: Representation?
    /// The value of `Content-Security-Policy`.
    let policy: String

    /// The page of this program.
    static let dashboard = Page(PackageResources.dashboard_html)

    /// A page with one `<style>` and one `<script>`, neither of which has an attribute.
    init(_ html: [UInt8]) {
        let digest = Data(SHA256.hash(data: html)).prefix(12).base64EncodedString()
        identity = Representation(body: ByteBuffer(bytes: html), entityTag: "\"\(digest)\"", isCompressed: false)
        gzip = Gzip.compress(html).map {
            Representation(body: ByteBuffer(bytes: $0), entityTag: "\"\(digest)-gzip\"", isCompressed: true)
        }
        policy = Self.policy(of: html)
    }

    /// The representation for a reader that prefers a coding.
    func representation(preferring coding: ContentCoding) -> Representation {
        coding == .gzip ? gzip ?? identity : identity
    }

    /// Allows this style and this script by their hashes, requests to this server, and nothing else
    /// (<https://www.w3.org/TR/CSP3/>). The empty list of trusted types keeps data from ever becoming markup.
    private static func policy(of html: [UInt8]) -> String {
        [
            "default-src 'none'",
            "script-src '\(source(of: "script", in: html))'",
            "style-src '\(source(of: "style", in: html))'",
            "img-src data:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ].joined(separator: "; ")
    }

    /// The hash by which a policy names the content of the only element of a name.
    private static func source(of element: String, in html: [UInt8]) -> String {
        guard
            let start = html.firstRange(of: Array("<\(element)>".utf8)),
            let end = html[start.upperBound...].firstRange(of: Array("</\(element)>".utf8))
        else { preconditionFailure("the page has no <\(element)>") }
        let content = html[start.upperBound..<end.lowerBound]
        return "sha256-" + Data(SHA256.hash(data: Array(content))).base64EncodedString()
    }
}
