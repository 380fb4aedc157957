/// Where the endpoint has alerts from: PostgreSQL, asked by the daemon. Never on an event loop.
package struct AlertSource: Sendable {
    /// Events that have a number, in order, of which each says what became of an alert.
    ///
    /// Whoever sees a number sees all smaller ones with the next call.
    package var events: @Sendable (_ after: Int64, _ limit: Int) async throws -> [NumberedEvent]
    /// The last number given; 0 when there is none.
    package var newestSequence: @Sendable () async throws -> Int64
    /// Alerts of some states, the newest first, each as a JSON object.
    package var list: @Sendable (_ statuses: [String], _ limit: Int) async throws -> [String]
    /// Says that events were given numbers. What it misses is found by looking; for one consumer.
    package var changes: AsyncStream<Void>

    /// A source from closures.
    package init(
        events: @escaping @Sendable (_ after: Int64, _ limit: Int) async throws -> [NumberedEvent],
        newestSequence: @escaping @Sendable () async throws -> Int64,
        list: @escaping @Sendable (_ statuses: [String], _ limit: Int) async throws -> [String],
        changes: AsyncStream<Void>,
    ) {
        self.events = events
        self.newestSequence = newestSequence
        self.list = list
        self.changes = changes
    }
}

/// An event of an alert and its number.
package struct NumberedEvent: Sendable, Hashable {
    /// 1 and up, in the order in which subscribers get events.
    package let sequence: Int64
    /// A CloudEvent.
    package let json: String

    /// An event from its parts.
    package init(sequence: Int64, json: String) {
        self.sequence = sequence
        self.json = json
    }
}
