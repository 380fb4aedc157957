/// A dictionary of what was used lately, with a bound on its entries and no cost that grows with it.
///
/// Two halves: what is used is in the young one. When that is full it becomes the old one, and whatever was in the old
/// one is forgotten. So each entry outlives at least half the bound of other ones.
struct RecentTable<Key: Hashable, Value> {
    private let half: Int
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]

    init(maximumCount: Int) {
        precondition(maximumCount >= 2, "a table of \(maximumCount) has no halves")
        half = maximumCount / 2
    }

    var count: Int { young.count + old.count }

    /// Changes the value of a key in place, which counts as a use.
    mutating func update<Result>(
        _ key: Key,
        default initial: @autoclosure () -> Value,
        _ change: (inout Value) -> Result,
    ) -> Result {
        if let index = young.index(forKey: key) { return change(&young.values[index]) }
        var value = old.removeValue(forKey: key) ?? initial()
        let result = change(&value)
        if young.count >= half {
            old = young
            young = [:]
        }
        young[key] = value
        return result
    }
}
