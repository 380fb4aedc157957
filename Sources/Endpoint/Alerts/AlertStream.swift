import NIOCore

/// The course of one stream of alerts: what its reader missed, then what happens, each event once and in order.
///
///     behind ─read up to the newest→ live ─a batch was lost→ behind
///        └─ the database is away: the next signal tries again
struct AlertStream {
    struct Settings: Sendable {
        /// Events that a reader who missed some is sent before it is told to fetch the rest.
        var replay = 1000
        /// Events that are read, and kept in memory, at a time.
        var chunk = 50
    }

    private let source: AlertSource
    private let settings: Settings
    private let writer: ReplyWriter
    /// The number of the last event that the reader has; nil for a reader who wants what comes from now on.
    private var position: Int64?
    private var isBehind = true

    init(_ source: AlertSource, _ settings: Settings, _ writer: ReplyWriter, after position: Int64?) {
        self.source = source
        self.settings = settings
        self.writer = writer
        self.position = position
    }

    /// Sends until the connection breaks or the task is cancelled.
    mutating func run(_ signals: AsyncStream<AlertSignal>) async {
        do {
            try await writer.write(EventStreamText.greeting)
            for await signal in signals { try await handle(signal) }
            try await writer.write(EventStreamText.farewell)
        } catch {
            // The reader is gone.
        }
    }

    private mutating func handle(_ signal: AlertSignal) async throws {
        switch signal {
        case .joined: break
        case .position(let end): if end != position { isBehind = true }
        case .events(let batch): try await deliver(batch)
        case .heartbeat(let end):
            if let end, let position, end > position { isBehind = true }
            try await writer.write(EventStreamText.heartbeat)
        }
        if isBehind { try await catchUp() }
    }

    /// Sends of a batch what the reader does not have.
    private mutating func deliver(_ batch: AlertBatch) async throws {
        guard !isBehind, let position, batch.after <= position else { return isBehind = true }
        guard batch.through > position else { return }
        let isWhole = batch.after == position
        self.position = batch.through
        try await writer.write(
            isWhole ? batch.text : EventStreamText.alerts(batch.events.filter { $0.sequence > position })
        )
    }
}

// MARK: - What the reader missed

extension AlertStream {
    /// Reads up to the newest event. When that fails the stream stays behind.
    private mutating func catchUp() async throws {
        guard let position else { return try await begin() }
        var sent = 0
        while let events = await attempt({ try await source.events(self.position ?? position, settings.chunk) }) {
            guard let last = events.last else { return try await conclude(hasSent: sent > 0) }
            guard sent < settings.replay else { return try await skip() }
            let allowed = events.prefix(settings.replay - sent)
            self.position = allowed.last?.sequence ?? last.sequence
            sent += allowed.count
            try await writer.write(EventStreamText.alerts(allowed))
            if allowed.count == events.count, events.count < settings.chunk { return isBehind = false }
        }
        try await sayThatItWaits()
    }

    /// Begins with what comes from now on, and tells the reader from where.
    private mutating func begin() async throws {
        guard let newest = await attempt(source.newestSequence) else {
            return try await sayThatItWaits()
        }
        position = newest
        isBehind = false
        try await writer.write(EventStreamText.position(newest))
    }

    /// A reader who has a number that was never given has it from a database that is no more.
    private mutating func conclude(hasSent: Bool) async throws {
        guard !hasSent else { return isBehind = false }
        guard let newest = await attempt(source.newestSequence) else { return }
        isBehind = false
        guard let position, position > newest else { return }
        self.position = newest
        try await writer.write(EventStreamText.resync(after: position, through: newest))
    }

    /// Leaves out the rest: the reader is to fetch it.
    private mutating func skip() async throws {
        guard let position, let newest = await attempt(source.newestSequence) else { return }
        self.position = newest
        isBehind = false
        try await writer.write(EventStreamText.resync(after: position, through: newest))
    }

    private func sayThatItWaits() async throws {
        if !Task.isCancelled { try await writer.write(EventStreamText.waiting) }
    }

    /// Nil when the database could not be asked.
    private func attempt<Value>(_ question: () async throws -> Value) async -> Value? {
        try? await question()
    }
}
