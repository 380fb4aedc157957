import NIOHTTP1

extension Responder {
    /// The head of a stream of alerts, and for all but `HEAD` the stream.
    func stream(after position: Int64?, for request: Request) throws(Problem) -> Reply {
        if lifecycle.isDraining { throw .draining }
        var reply = Reply(
            .ok,
            [
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-store",
                // nginx would keep events back until it has a buffer full of them.
                "X-Accel-Buffering": "no",
            ],
        )
        if request.method == .GET { reply.stream = try alerts.stream(after: position) }
        return reply
    }
}

extension AlertHub.Settings {
    init(_ configuration: EndpointConfiguration) {
        self.init()
        poll = configuration.alertPoll
        heartbeat = configuration.alertHeartbeat
    }
}
