import Synchronization

/// Looks for new events once for all streams, as long as there are any.
///
///     unknown ─a stream joins, the newest number is read→ following ─events→ following
///        └─ nobody is left, or reading failed ──────────────┘
///
/// Streams and hub meet without a hole: a stream joins first and then reads up to the newest event, so that it knows
/// everything the hub had seen by then. What the hub sees later is sent to the stream. A batch says which number it
/// follows, so a stream that lost one (its buffer is bounded) notices and reads again.
final class AlertHub: Sendable {
    struct Settings: Sendable {
        /// How often to look for what nobody told of.
        var poll = Duration.seconds(1)
        /// How often streams hear that they would hear of alerts.
        var heartbeat = Duration.seconds(15)
        /// Events that are read at a time.
        var chunk = 100
        /// What a stream that is slow may lag behind before it has to read itself what it lost.
        var waitingSignals = 8
    }

    private struct State {
        var streams: [Int: AsyncStream<AlertSignal>.Continuation] = [:]
        var lastID = 0
        /// The last number that every stream was told of; nil when it has to be found out.
        var end: Int64?
    }

    private let source: AlertSource
    private let settings: Settings
    private let state = Mutex(State())
    private let (wakeUps, wakeUp) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    init(_ source: AlertSource, _ settings: Settings) {
        self.source = source
        self.settings = settings
    }

    /// Looks for events until the task is cancelled; to be called once.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { for await _ in self.wakeUps { await self.look() } }
            group.addTask { for await _ in self.source.changes { self.wakeUp.yield() } }
            group.addTask { await self.repeatEvery(self.settings.poll) { self.wakeUp.yield() } }
            group.addTask { await self.repeatEvery(self.settings.heartbeat, self.beat) }
        }
    }

    /// The signals of a new stream, the first of which is there at once. It leaves by ending the iteration.
    func join() -> AsyncStream<AlertSignal> {
        let (signals, signal) = AsyncStream.makeStream(
            of: AlertSignal.self,
            bufferingPolicy: .bufferingNewest(settings.waitingSignals),
        )
        let id = state.withLock { state in
            state.lastID += 1
            state.streams[state.lastID] = signal
            return state.lastID
        }
        signal.onTermination = { _ in self.state.withLock { $0.streams[id] = nil } }
        signal.yield(.joined)
        wakeUp.yield()
        return signals
    }

    /// A timer: what is done at each tick depends on the time alone. Cancelling ends it.
    private func repeatEvery(_ interval: Duration, _ body: () -> Void) async {
        while (try? await Task.sleep(for: interval)) != nil { body() }
    }

    private func beat() {
        tell(.heartbeat(state.withLock(\.end)))
    }

    /// One look: no query when nobody listens.
    private func look() async {
        do {
            guard let end = endForStreams() else { return }
            guard let end else { return follow(from: try await source.newestSequence()) }
            try await follow(after: end)
        } catch {
            state.withLock { $0.end = nil }
        }
    }

    /// Where the hub is; nil when there are no streams.
    private func endForStreams() -> Int64?? {
        state.withLock { state in
            if state.streams.isEmpty { state.end = nil }
            return state.streams.isEmpty ? nil : .some(state.end)
        }
    }

    private func follow(from end: Int64) {
        state.withLock { $0.end = end }
        tell(.position(end))
    }

    private func follow(after end: Int64) async throws {
        var end = end
        while true {
            let batch = AlertBatch(after: end, events: try await source.events(end, settings.chunk))
            guard !batch.events.isEmpty else { return }
            end = batch.through
            state.withLock { $0.end = end }
            tell(.events(batch))
            guard batch.events.count == settings.chunk else { return }
        }
    }

    private func tell(_ signal: AlertSignal) {
        for stream in state.withLock({ Array($0.streams.values) }) { stream.yield(signal) }
    }
}
