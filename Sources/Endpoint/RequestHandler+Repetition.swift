import Activity
import NIOCore
import NIOHTTP1

/// What `RepeatedRequestHandler` needs of the handler of requests, on the same connection.
extension RequestHandler {
    /// Whether an answer is remembered for whoever sends the same request again.
    enum Repetition {
        case unwanted
        /// The next answer is wanted.
        case wanted
        case answered(RepeatedAnswer.Response)
    }

    /// Whether a request that comes now would be answered at once, and others could follow it.
    var isAtRest: Bool {
        guard case .idle = phase, next == nil else { return false }
        return !isInputClosed && !responder.lifecycle.isDraining
    }

    /// Hands over an answer if it is wanted and can be repeated.
    func offer(
        _ reply: Reply,
        _ head: HTTPResponseHead,
        _ body: ByteBuffer?,
        _ observation: RequestObservation,
    ) {
        guard case .wanted = repetition, let basis = reply.basis else { return }
        repetition = .answered(
            RepeatedAnswer.Response(
                head: head,
                body: body,
                computedAt: reply.computedAt,
                observation: observation,
                basis: basis,
            )
        )
    }

    /// The answer that was wanted, if there was one.
    func takeResponse() -> RepeatedAnswer.Response? {
        defer { repetition = .unwanted }
        guard case .answered(let response) = repetition else { return nil }
        return response
    }

    /// The moment's fields of another answer.
    func moment(of computedAt: Timestamp?) -> ResponseMoment {
        heads.moment(of: computedAt, id: identifiers.next(), at: responder.now())
    }

    /// Tells of an answer that was given without this handler.
    func reportRepetition(of answer: RepeatedAnswer, id: String, since began: ContinuousClock.Instant) {
        responder.answers.countRepetition()
        var observation = answer.observation
        observation.requestID = id
        observation.duration = began.duration(to: .now)
        observe(observation)
    }
}
