import Activity
import NIOCore
import NIOHTTP1

extension Responder {
    /// The answer to a query: the document, or the word that the reader has it already.
    func reply(
        to request: Request,
        _ query: ActivityQuery,
        _ answer: AnswerSource.Answer,
        isPrivate: Bool,
    ) throws(Problem) -> Reply {
        guard let response = answer.response else { throw .unknown(query.document) }
        let representation = response.representation(preferring: request.preferredCoding)
        let entityTag = representation.entityTag
        let isFresh = request.isFresh(entityTag: entityTag, modified: response.modified)
        var reply = Reply(isFresh ? .notModified : .ok, HTTPHeaders())
        reply.headers.reserveCapacity(14)
        reply.headers.add(name: "ETag", value: entityTag)
        reply.headers.add(name: "Last-Modified", value: response.lastModified)
        reply.headers.add(name: "Cache-Control", value: freshness.cacheControl(isPrivate: isPrivate))
        reply.headers.add(name: "Vary", value: "Accept-Encoding")
        if !isFresh { add(representation, to: &reply) }
        reply.computedAt = answer.computedAt
        reply.cache = answer.cache
        return reply
    }

    private func add(_ representation: EncodedResponse.Representation, to reply: inout Reply) {
        reply.headers.add(name: "Content-Type", value: "application/json; charset=utf-8")
        reply.headers.add(name: "Content-Length", value: representation.contentLength)
        if representation.isCompressed { reply.headers.add(name: "Content-Encoding", value: "gzip") }
        reply.body = representation.body
    }
}

extension Problem {
    /// Users are the only documents that may not exist.
    fileprivate static func unknown(_ key: DocumentKey) -> Problem {
        guard case .user(let id, _) = key else { preconditionFailure("\(key) has no document") }
        return .unknownUser(id)
    }
}
