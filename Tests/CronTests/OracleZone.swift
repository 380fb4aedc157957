import Foundation

/// A zone as Foundation knows it, over a stretch of time; shares no code with the module.
struct OracleZone {
    struct Span {
        var start: Int
        var end: Int
        var offset: Int
    }

    /// One more day on either side than asked for, so that local days at the edges are whole.
    let spans: [Span]

    /// Looks at the offset every six hours and bisects where it changed.
    init?(_ identifier: String, from start: Int, to end: Int) {
        guard let zone = TimeZone(identifier: identifier) else { return nil }
        let offset = { (instant: Int) in zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant))) }
        var spans = [Span(start: start - 259_200, end: end + 259_200, offset: offset(start - 259_200))]
        for instant in stride(from: start - 259_200, to: end + 259_200, by: 21_600) {
            let last = spans.count - 1
            guard offset(instant) != spans[last].offset else { continue }
            var (low, high) = (instant - 21_600, instant)
            while high - low > 1 {
                let middle = (low + high) / 2
                if offset(middle) == spans[last].offset { low = middle } else { high = middle }
            }
            spans[last].end = high
            spans.append(Span(start: high, end: end + 259_200, offset: offset(high)))
        }
        self.spans = spans
    }

    /// Every instant that a wall clock shows as this local time, ascending.
    func instants(ofLocal local: Int) -> [Int] {
        spans.compactMap { span in
            let instant = local - span.offset
            return (span.start..<span.end).contains(instant) ? instant : nil
        }
    }

    /// The transition over which clocks jumped past this local time.
    func gap(over local: Int) -> Int? {
        zip(spans, spans.dropFirst()).first { before, after in
            (before.end + before.offset..<max(before.end + before.offset, after.start + after.offset)).contains(local)
        }?.1.start
    }

    /// The transitions between two instants.
    func transitions(from start: Int, to end: Int) -> [Int] {
        spans.dropFirst().map(\.start).filter { (start..<end).contains($0) }
    }
}
