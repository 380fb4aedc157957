/// The offsets from UTC of a time zone, for all time: the transitions of its TZif file, then the rule of its footer.
public struct TimeZoneRules: Sendable, Hashable {
    /// The name of the zone, such as `Europe/Berlin`, as the caller gave it.
    public let identifier: String
    /// Instants at which the offset changes, ascending, seconds since 1970.
    private let transitions: [Int]
    /// The offset before the first transition, and after each; seconds east of UTC.
    private let offsets: [Int]
    /// What holds after the last transition; nil when its offset stays.
    private let rule: PosixRule?
    /// From here on the rule is in force.
    private let ruleStart: Int

    /// A zone from the bytes of a file of the IANA time zone database.
    ///
    /// - Parameters:
    ///   - identifier: the zone's name, kept as it is.
    ///   - tzif: a file of version 1 to 4 without leap seconds (RFC 9636); at most some kilobytes are looked at.
    /// - Throws: what is wrong with the bytes; every other input is safe.
    public init(identifier: String, tzif: [UInt8]) throws(TZifError) {
        let file = try TZifFile(tzif)
        self.identifier = identifier
        rule = file.rule
        ruleStart = file.transitions.last?.time ?? Self.distantPast
        var (times, offsets) = ([Int](), [file.firstOffset(at: ruleStart)])
        for transition in file.transitions {
            let isLast = transition.time == ruleStart
            let offset = isLast ? file.rule?.span(containing: ruleStart).offset ?? transition.offset : transition.offset
            guard offset != offsets.last else { continue }
            times.append(transition.time)
            offsets.append(offset)
        }
        transitions = times
        self.offsets = offsets
    }

    private init(identifier: String, offset: Int) {
        self.identifier = identifier
        transitions = []
        offsets = [offset]
        rule = nil
        ruleStart = Self.distantPast
    }

    /// Coordinated Universal Time.
    public static let utc = TimeZoneRules(identifier: "UTC", offset: 0)

    /// Seconds east of UTC at a moment, within 26 hours.
    public func offset(at time: NominalTime) -> Int {
        span(containing: Self.clamped(time)).offset
    }

    /// The first moment after `time` at which another offset begins; nil beyond 36 billion years.
    public func nextTransition(after time: NominalTime) -> NominalTime? {
        let end = span(containing: Self.clamped(time)).end
        return end < Self.distantFuture && end > time.secondsSince1970 ? NominalTime(secondsSince1970: Int64(end)) : nil
    }

    /// The last moment before `time` at which another offset began; nil beyond 36 billion years.
    public func previousTransition(before time: NominalTime) -> NominalTime? {
        let start = span(containing: Self.clamped(time) - 1).start
        return start > Self.distantPast ? NominalTime(secondsSince1970: Int64(start)) : nil
    }
}

extension TimeZoneRules {
    /// A stretch of time with one offset.
    struct Span: Hashable {
        /// The first second; `distantPast` when there is none.
        var start: Int
        /// The second after the last; `distantFuture` when there is none.
        var end: Int
        /// Seconds east of UTC.
        var offset: Int
    }

    /// No offset is greater, either way: POSIX allows 24:59:59, and an hour more for daylight saving time.
    static let widestOffset = 100_000
    /// Before every transition; far enough from the bounds of `Int` for arithmetic.
    static let distantPast = -(1 << 61)
    /// After every transition.
    static let distantFuture = 1 << 61

    /// The span that holds an instant between `distantPast` and `distantFuture`.
    func span(containing instant: Int) -> Span {
        let index = transitionsUp(to: instant)
        guard index == transitions.count else {
            return Span(
                start: index == 0 ? Self.distantPast : transitions[index - 1],
                end: transitions[index],
                offset: offsets[index],
            )
        }
        let start = transitions.last ?? Self.distantPast
        guard let rule else { return Span(start: start, end: Self.distantFuture, offset: offsets[index]) }
        var span = rule.span(containing: max(instant, ruleStart))
        if span.start <= ruleStart { span.start = start }
        return span
    }

    /// The number of transitions that are not after an instant, by bisection.
    private func transitionsUp(to instant: Int) -> Int {
        var (low, high) = (0, transitions.count)
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle] <= instant { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func clamped(_ time: NominalTime) -> Int {
        min(max(Int(time.secondsSince1970), distantPast / 2), distantFuture / 2)
    }
}
