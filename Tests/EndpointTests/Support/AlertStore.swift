import Synchronization

@testable import Endpoint

/// Alerts and events in memory, behind the same closures as PostgreSQL.
final class AlertStore: Sendable {
    private struct State {
        var events: [NumberedEvent] = []
        var alerts: [String] = []
        var isAway = false
        var reads = 0
        var meanwhile: (@Sendable (AlertStore) -> Void)?
    }

    struct Away: Error {}

    private let state = Mutex(State())
    private let (changes, change) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    var source: AlertSource {
        AlertSource(
            events: { after, limit in
                let events = try self.read { Array($0.events.filter { $0.sequence > after }.prefix(limit)) }
                self.doMeanwhile()
                return events
            },
            newestSequence: { try self.read { $0.events.last?.sequence ?? 0 } },
            list: { statuses, limit in
                try self.read { state in
                    let wanted = state.alerts.filter { alert in statuses.contains { alert.contains("\"\($0)\"") } }
                    return Array(wanted.prefix(limit))
                }
            },
            changes: changes,
        )
    }

    var actions: EndpointActions {
        var actions = EndpointActions.idle
        actions.alerts = source
        return actions
    }

    /// How often it was asked.
    var reads: Int { state.withLock { $0.reads } }

    /// Whether questions fail.
    var isAway: Bool {
        get { state.withLock { $0.isAway } }
        set { state.withLock { $0.isAway = newValue } }
    }

    /// Appends events with the next numbers, and tells of them.
    func add(_ count: Int, status: String = "firing", telling: Bool = true) {
        state.withLock { state in
            for _ in 0..<count {
                let sequence = (state.events.last?.sequence ?? 0) + 1
                let json = #"{"id":"\#(sequence)","data":{"status":"\#(status)"},"sequence":"\#(sequence)"}"#
                state.events.append(NumberedEvent(sequence: sequence, json: json))
            }
        }
        if telling { change.yield() }
    }

    /// Puts an alert before the others.
    func add(alert: String) {
        state.withLock { $0.alerts.insert(alert, at: 0) }
    }

    /// Is as it was made, as an older state that was restored.
    func forget(after sequence: Int64) {
        state.withLock { $0.events.removeAll { $0.sequence > sequence } }
    }

    func tell() { change.yield() }

    /// Something that happens right after each read of events.
    func meanwhile(_ body: @escaping @Sendable (AlertStore) -> Void) {
        state.withLock { $0.meanwhile = body }
    }

    private func doMeanwhile() {
        state.withLock { $0.meanwhile }?(self)
    }

    private func read<Value>(_ body: (State) -> Value) throws -> Value {
        try state.withLock { state in
            state.reads += 1
            if state.isAway { throw Away() }
            return body(state)
        }
    }
}

extension AlertSource {
    /// No alerts, ever.
    static var none: AlertSource { AlertStore().source }
}
