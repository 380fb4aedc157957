/// A dictionary with a bound on its entries and on their cost; the entry that was not asked for the longest goes first.
struct BoundedCache<Key: Hashable, Value> {
    private struct Entry {
        let value: Value
        let cost: Int
        var lastUse: UInt64
    }

    private let maximumCount: Int
    private let maximumCost: Int
    private var entries: [Key: Entry] = [:]
    private var uses: UInt64 = 0
    private(set) var cost = 0

    init(maximumCount: Int, maximumCost: Int) {
        self.maximumCount = maximumCount
        self.maximumCost = maximumCost
    }

    var count: Int { entries.count }

    /// The number of values that satisfy a predicate.
    func count(where isIncluded: (Value) -> Bool) -> Int {
        entries.values.count { isIncluded($0.value) }
    }

    /// The value of a key, which counts as a use.
    mutating func value(for key: Key) -> Value? {
        guard let index = entries.index(forKey: key) else { return nil }
        uses += 1
        entries.values[index].lastUse = uses
        return entries.values[index].value
    }

    /// Keeps a value; one that costs more than the whole bound is not kept.
    mutating func insert(_ value: Value, for key: Key, cost: Int) {
        remove(key)
        guard cost <= maximumCost else { return }
        while entries.count >= maximumCount || self.cost > maximumCost - cost { removeOldest() }
        uses += 1
        entries[key] = Entry(value: value, cost: cost, lastUse: uses)
        self.cost += cost
    }

    /// Keeps only the entries that satisfy a predicate.
    mutating func filter(_ isIncluded: (Key, Value) -> Bool) {
        entries = entries.filter { isIncluded($0.key, $0.value.value) }
        cost = entries.values.reduce(0) { $0 + $1.cost }
    }

    mutating func removeAll() {
        entries = [:]
        cost = 0
    }

    private mutating func remove(_ key: Key) {
        guard let entry = entries.removeValue(forKey: key) else { return }
        cost -= entry.cost
    }

    /// Linear in the entries: there are about a thousand, and whoever inserts has just computed for far longer.
    private mutating func removeOldest() {
        guard let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return }
        remove(oldest.key)
    }
}
