/// A point in time on the clock that also runs while the machine sleeps, or none.
struct Deadline: Sendable {
    let instant: ContinuousClock.Instant?

    /// Never passes.
    static let never = Deadline(after: nil)

    init(after duration: Duration?) {
        instant = duration.map { ContinuousClock.now.advanced(by: $0) }
    }

    var hasPassed: Bool {
        guard let instant else { return false }
        return ContinuousClock.now >= instant
    }

    /// What is left, as `poll(2)` wants it: milliseconds rounded up so that it never spins, -1 for ever.
    var pollTimeout: Int32 {
        guard let instant else { return -1 }
        let left = ContinuousClock.now.duration(to: instant)
        return Int32(clamping: max(0, left.milliseconds(rounding: .up)))
    }
}

extension Duration {
    /// Whole milliseconds, clamped to what `Int64` holds.
    func milliseconds(rounding rule: FloatingPointRoundingRule) -> Int64 {
        let exact = (self / .milliseconds(1)).rounded(rule)
        return Int64(exactly: exact) ?? (exact < 0 ? .min : .max)
    }
}
