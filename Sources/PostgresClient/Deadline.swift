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

    /// What is left, or less, as `poll(2)` wants it: milliseconds rounded up so that it never spins, -1 for ever.
    func pollTimeout(upTo limit: Duration?) -> Int32 {
        let left = instant.map { ContinuousClock.now.duration(to: $0) }
        guard let wait = [left, limit].compactMap(\.self).min() else { return -1 }
        return Int32(clamping: max(0, wait.milliseconds(rounding: .up)))
    }
}

extension Duration {
    /// Whole milliseconds, clamped to what `Int64` holds.
    func milliseconds(rounding rule: FloatingPointRoundingRule) -> Int64 {
        let exact = (self / .milliseconds(1)).rounded(rule)
        return Int64(exactly: exact) ?? (exact < 0 ? .min : .max)
    }
}
