import NIOCore

/// What the hub tells every stream.
enum AlertSignal: Sendable {
    /// The stream belongs to the hub: no event that the hub has not seen yet passes it by.
    case joined
    /// There was nothing after this number when the hub looked for the first time, or again after a failure.
    case position(Int64)
    /// New events.
    case events(AlertBatch)
    /// Time has passed; the number is where the hub is, nil when it does not know.
    case heartbeat(Int64?)
}

/// New events in order, without a hole between them.
struct AlertBatch: Sendable {
    /// There are no other events between this number and the last of these.
    let after: Int64
    let events: [NumberedEvent]
    /// As a stream sends them: the same bytes for all streams.
    let text: ByteBuffer

    /// The number of the last.
    let through: Int64

    init(after: Int64, events: [NumberedEvent]) {
        self.after = after
        self.events = events
        through = events.last?.sequence ?? after
        text = EventStreamText.alerts(events)
    }
}
