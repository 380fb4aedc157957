import func Glibc.exp

/// What keeps alerts rare: a margin that they need, which each of them raises, and a hold after each.
struct RarityBar: Sendable, Hashable {
    /// The margin that an alert needs, as of `point`.
    private(set) var height = 0.0
    /// When the height was brought up to date.
    private var point = 0
    /// The first point that may raise an alert again.
    private var holdEnd = 0

    /// Decides about a value that lies beyond a threshold.
    ///
    /// - Parameters:
    ///   - margin: by how much; not negative.
    ///   - point: the number of points before it, which only grows.
    ///   - settings: how the bar moves.
    /// - Returns: what to say of the value, and the height that it was held against.
    mutating func judge(
        _ margin: Double,
        at point: Int,
        _ settings: RaritySettings,
    ) -> (outcome: RarityVerdict.Outcome, height: Double) {
        guard point >= holdEnd else { return (.continuing, height) }
        height *= exp(-Double(point - self.point) / settings.barDecay)
        self.point = point
        let needed = height
        guard margin >= needed else { return (.usual, needed) }
        holdEnd = point + settings.hold + 1
        height += settings.barStep
        return (.alert, needed)
    }
}

extension RarityBar {
    func encode(into writer: inout StateWriter) {
        writer.append(compact: height)
        writer.append(point)
        writer.append(holdEnd)
    }

    // No alert was later than the last of so many points.
    init(from reader: inout StateReader, points: Int) throws(DamagedStateError) {
        height = try reader.nextCompact()
        point = try reader.next(upTo: points)
        holdEnd = try reader.next(upTo: RarityDetector.mostPoints)
        guard height >= 0 else { throw DamagedStateError() }
    }
}
