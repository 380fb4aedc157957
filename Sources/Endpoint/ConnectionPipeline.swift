import NIOCore
import NIOHTTP1

/// What stands between a socket and the handler of requests.
struct ConnectionPipeline {
    let configuration: EndpointConfiguration

    /// Bytes that nobody takes, back-pressure, parts of messages, deadlines, one request at a time, answers.
    func add(_ answers: RequestHandler, to pipeline: ChannelPipeline.SynchronousOperations) throws {
        var encoding = HTTPResponseEncoder.Configuration()
        encoding.automaticallySetFramingHeaders = false
        let budget = FramingBudget()
        try pipeline.addHandlers([
            WriteDeadline(TimeAmount(configuration.writeStall)),
            BackPressureHandler(),
            HTTPResponseEncoder(configuration: encoding),
            FramingBudget.Input(budget),
            ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: HeadLimits.decoder)),
            FramingBudget.Output(budget),
            ConnectionDeadlines(
                idleTime: TimeAmount(configuration.idleTimeout),
                headTime: TimeAmount(configuration.headDeadline),
                bodyTime: TimeAmount(configuration.bodyDeadline),
            ),
            HTTPServerPipelineHandler(),
            answers,
        ])
    }
}
