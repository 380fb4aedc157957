import NIOCore
import NIOHTTP1

/// What stands between a socket and the handler of requests.
struct ConnectionPipeline {
    let configuration: EndpointConfiguration
    /// Those of the connection's event loop.
    let requests: RepeatedRequests

    /// Bytes that nobody takes, back-pressure, what came before, parts of messages, deadlines, one request at a time,
    /// answers.
    func add(_ answers: RequestHandler, to pipeline: ChannelPipeline.SynchronousOperations) throws {
        var encoding = HTTPResponseEncoder.Configuration()
        encoding.automaticallySetFramingHeaders = false
        let writeDeadline = WriteDeadline(TimeAmount(configuration.writeStall))
        let budget = FramingBudget()
        answers.framing = budget
        let deadlines = ConnectionDeadlines(
            idleTime: TimeAmount(configuration.idleTimeout),
            headTime: TimeAmount(configuration.headDeadline),
            bodyTime: TimeAmount(configuration.bodyDeadline),
        )
        try pipeline.addHandlers([
            writeDeadline,
            BackPressureHandler(),
            RepeatedRequestHandler(requests, writeDeadline, budget, deadlines, answers),
            HTTPResponseEncoder(configuration: encoding),
            FramingBudget.Input(budget),
            ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: HeadLimits.decoder)),
            FramingBudget.Output(budget),
            deadlines,
            HTTPServerPipelineHandler(),
            answers,
        ])
    }
}
