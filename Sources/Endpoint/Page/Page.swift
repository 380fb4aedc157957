import Crypto
import FoundationEssentials
import NIOCore

/// The dashboard for people: one HTML file that is put together at the start, with what its head says of it.
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

    /// The page of this program. Its scripts are one: a constant has to stand before what needs it at the start.
    static let dashboard = Page(
        template: PackageResources.dashboard_html,
        style: PackageResources.dashboard_css,
        script: [
            PackageResources.state_js, PackageResources.elements_js, PackageResources.words_js,
            PackageResources.server_js, PackageResources.loading_js, PackageResources.drawing_js,
            PackageResources.status_js, PackageResources.sign_in_js, PackageResources.totals_js,
            PackageResources.lists_js, PackageResources.activity_js, PackageResources.chart_js,
            PackageResources.profile_js, PackageResources.alerts_js, PackageResources.stream_js,
            PackageResources.export_js, PackageResources.main_js,
        ].flatMap { $0 + [UInt8(ascii: "\n")] },
    )

    /// A page from a template with one empty `<style>` and one empty `<script>`.
    init(template: [UInt8], style: [UInt8], script: [UInt8]) {
        let html = Self.fill("script", of: Self.fill("style", of: template, with: style), with: script)
        let digest = Data(SHA256.hash(data: html)).prefix(12).base64EncodedString()
        identity = Representation(body: ByteBuffer(bytes: html), entityTag: "\"\(digest)\"", isCompressed: false)
        gzip = Gzip.compress(html).map {
            Representation(body: ByteBuffer(bytes: $0), entityTag: "\"\(digest)-gzip\"", isCompressed: true)
        }
        policy = Self.policy(style: style, script: script)
    }

    /// The representation for a reader that prefers a coding.
    func representation(preferring coding: ContentCoding) -> Representation {
        coding == .gzip ? gzip ?? identity : identity
    }

    private static func fill(_ element: String, of template: [UInt8], with content: [UInt8]) -> [UInt8] {
        guard let range = template.firstRange(of: Array("<\(element)></\(element)>".utf8)) else {
            preconditionFailure("the page has no empty <\(element)>")
        }
        let place = range.lowerBound + "<\(element)>".utf8.count
        return template[..<place] + content + template[place...]
    }

    /// Allows this style and this script by their hashes, requests to this server, and nothing else
    /// (<https://www.w3.org/TR/CSP3/>). The empty list of trusted types keeps data from ever becoming markup.
    private static func policy(style: [UInt8], script: [UInt8]) -> String {
        [
            "default-src 'none'",
            "script-src '\(source(script))'",
            "style-src '\(source(style))'",
            "img-src data:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ].joined(separator: "; ")
    }

    /// The hash by which a policy names the content of an element.
    private static func source(_ content: [UInt8]) -> String {
        "sha256-" + Data(SHA256.hash(data: content)).base64EncodedString()
    }
}
