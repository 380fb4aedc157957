/// From where to where a relay goes in one cycle, chunk after chunk.
struct RelayCourse: Sendable {
    /// The number of the last event in the stream; 0 without a stream.
    private(set) var end: Int64
    /// Events after this number come next. Not `end` where the stream would not hold them any more.
    private(set) var start: Int64
    /// Every event up to here was announced before.
    private(set) var announced: Int64
    /// How many events are sent again at most, because the stream has lost them.
    let refill: Int64
    private var isRewindNoted = false

    /// A course from the end of the stream on, with so many of the delivered events at most.
    init(from end: Int64, _ position: AlertPosition, refillLength: Int64) {
        self.end = end
        announced = position.delivered
        start = max(end, min(position.delivered, position.numbered - refillLength))
        refill = max(0, position.delivered - start)
    }

    /// From and to where a chunk that begins with this number goes back; nil if it does not, or not for the first time.
    mutating func rewind(to first: Int64) -> (from: Int64, to: Int64)? {
        guard !isRewindNoted, first <= announced else { return nil }
        isRewindNoted = true
        return (announced, first - 1)
    }

    /// Notes that events are in the stream.
    ///
    /// - Returns: those that were announced.
    mutating func appended(_ events: [AlertEvent]) -> [AlertEvent] {
        let fresh = events.filter { $0.sequence > announced }
        if let last = events.last { go(to: last.sequence) }
        return fresh
    }

    /// Notes where the stream really ends: further on if another daemon was faster.
    ///
    /// - Returns: false if it ends earlier, so that this course leads nowhere.
    mutating func skip(to other: Int64) -> Bool {
        guard other > end else { return false }
        go(to: other)
        return true
    }

    private mutating func go(to sequence: Int64) {
        (end, start, announced) = (sequence, sequence, max(announced, sequence))
    }
}
