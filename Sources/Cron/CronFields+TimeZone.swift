// Local times become instants here.
//
// A zone is a row of spans, each with one offset. A wildcard-hour schedule fires at every instant whose local time
// matches. A fixed-time schedule fires when the *high-water mark* of local time passes a match: at a gap the mark
// jumps, and whatever it jumps over fires once, at the transition; in a fold local time lies below the mark, and
// nothing fires until it is reached again. So gaps and folds of any size, even two in one day, need no cases.
extension CronFields {
    /// No local time differs from its instant by more than half of this, so no effect of a transition lasts longer.
    private static let skew = 2 * TimeZoneRules.widestOffset

    /// The first instant after `instant` at which the schedule fires, both in seconds since 1970.
    func next(after instant: Int, in zone: TimeZoneRules) -> Int? {
        var moment = instant + 1
        while moment <= NominalTime.latest.secondsSince1970 {
            let span = zone.span(containing: moment)
            guard let local = next(from: searchStart(at: moment, in: span, zone)) else { return nil }
            let candidate = max(local - span.offset, moment)
            if candidate < span.end { return candidate }
            // Far from this transition no local time can come back, so all up to `local` is known not to match.
            moment = span.end - moment > Self.skew ? max(span.end, local - Self.skew) : span.end
        }
        return nil
    }

    /// The last instant before `instant` at which the schedule fires, both in seconds since 1970.
    func previous(before instant: Int, in zone: TimeZoneRules) -> Int? {
        var limit = instant
        while limit > NominalTime.earliest.secondsSince1970 {
            let span = zone.span(containing: limit - 1)
            guard let local = previous(through: limit - 1 + span.offset) else { return nil }
            if local - span.offset >= span.start + Self.skew || local >= lowestLocal(of: span, zone) {
                return max(local - span.offset, span.start)
            }
            limit = limit - span.start > Self.skew ? min(span.start, local + Self.skew) : span.start
        }
        return nil
    }

    private func searchStart(at moment: Int, in span: TimeZoneRules.Span, _ zone: TimeZoneRules) -> Int {
        let local = moment + span.offset
        guard !isHourWildcard, moment - span.start < Self.skew else { return local }
        let mark = highWaterMark(before: span, zone)
        return moment == span.start ? mark : max(local, mark)
    }

    private func lowestLocal(of span: TimeZoneRules.Span, _ zone: TimeZoneRules) -> Int {
        isHourWildcard ? span.start + span.offset : highWaterMark(before: span, zone)
    }

    /// The local time up to which, itself excluded, clocks had run or jumped before the span began.
    private func highWaterMark(before span: TimeZoneRules.Span, _ zone: TimeZoneRules) -> Int {
        guard span.start > TimeZoneRules.distantPast else { return TimeZoneRules.distantPast }
        var earlier = zone.span(containing: span.start - 1)
        var mark = earlier.end + earlier.offset
        while earlier.start > span.start - Self.skew {
            earlier = zone.span(containing: earlier.start - 1)
            mark = max(mark, earlier.end + earlier.offset)
        }
        return mark
    }
}
