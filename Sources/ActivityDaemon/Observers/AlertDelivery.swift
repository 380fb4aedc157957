import Endpoint
import Pipeline

/// What is known of the way of alerts to Redis, for `/api/health`.
struct AlertDelivery: Sendable {
    private(set) var status = HealthReport.Status.starting
    private var trouble: Trouble?
    /// The number of the last event in the stream.
    private var lastSequence: Int64?
    /// Events that no subscriber has heard of yet.
    private var pending = Int64(0)
    /// How long the oldest of them has been waiting.
    private var lag = Duration.zero

    mutating func record(_ observation: PipelineObservation) {
        switch observation {
        case .relayed(let progress):
            (status, trouble) = (.up, nil)
            (lastSequence, pending, lag) = (progress.lastSequence, progress.pending, progress.lag)
        case .relayIdle(let last):
            (status, trouble) = (.up, nil)
            (lastSequence, pending, lag) = (last, 0, .zero)
        case .relayFailed(let error, let backlog):
            (status, trouble) = (.down, Trouble(error))
            if let backlog { (pending, lag) = (backlog.count, backlog.age) }
        default: break
        }
    }

    var component: HealthReport.Component {
        HealthReport.Component(
            "alerts",
            status,
            detail: trouble?.summary,
            details: [
                JSONValue.Member("lastSequence", lastSequence.map { .integer($0) } ?? .null),
                JSONValue.Member("pending", .integer(pending)),
                JSONValue.Member("lagSeconds", .number(lag.seconds)),
            ],
        )
    }
}
