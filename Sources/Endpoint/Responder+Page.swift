import NIOCore
import NIOHTTP1

extension Responder {
    /// The answer to a request for the page. Its parameters are for the script in it.
    func page(_ request: Request) -> Reply {
        let representation = Page.dashboard.representation(preferring: request.preferredCoding)
        let isFresh = EntityTag.matches(request.headers["if-none-match"], representation.entityTag)
        var reply = Reply(isFresh ? .notModified : .ok, Self.pageFields)
        reply.headers.add(name: "ETag", value: representation.entityTag)
        guard !isFresh else { return reply }
        reply.headers.add(name: "Content-Type", value: "text/html; charset=utf-8")
        reply.headers.add(name: "Content-Length", value: String(representation.body.readableBytes))
        if representation.isCompressed { reply.headers.add(name: "Content-Encoding", value: "gzip") }
        reply.body = representation.body
        return reply
    }

    /// A program that was replaced shows at the next load: caches keep the page, but ask each time.
    private static let pageFields: HTTPHeaders = [
        "Cache-Control": "no-cache",
        "Vary": "Accept-Encoding",
        "Content-Security-Policy": Page.dashboard.policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
    ]
}
