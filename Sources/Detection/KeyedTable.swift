import Activity
import HashTreeCollections

/// What a rule knows of one key.
protocol KeyedState: Sendable {
    /// The newest event it has seen, by which it is forgotten and evicted.
    var lastUsed: Timestamp { get }

    init()
    init(reading reader: inout StateReader) throws(DamagedStateError)
    func write(to writer: inout StateWriter)
}

/// The keys of a rule: bounded, and aware of what has changed since it was last stored.
///
/// A persistent tree, because each transaction of the feed works on a copy: copying costs nothing, and a change copies
/// the path to its key. When there are too many keys the tenth that was used longest ago goes in one sweep, which is
/// constant time for each key that came.
struct KeyedTable<State: KeyedState>: Sendable {
    /// Of every state's encoding; grows whenever that changes, and older bytes are then read or refused by it.
    private static var version: Int { 1 }

    let detector: String
    let prefix: String
    private let limit: Int
    private var states: TreeDictionary<String, Boxed> = [:]
    private var changed: Set<String> = []

    /// - Parameters:
    ///   - detector: the name under which the keys are stored.
    ///   - prefix: what tells this table's keys from those of the detector's other tables.
    ///   - limit: the most keys.
    init(detector: String, prefix: String = "", limit: Int = 50_000) {
        self.detector = detector
        self.prefix = prefix
        self.limit = limit
    }

    var count: Int { states.count }

    subscript(key: String) -> State? { states[key]?.state }

    /// Changes the state of a key, which is made when it is missing.
    mutating func update<Result>(_ key: String, _ body: (inout State) throws -> Result) rethrows -> Result {
        let result = try body(&states[key, default: Boxed(State())].state)
        changed.insert(key)
        if states.count > limit { evict() }
        return result
    }

    /// Forgets the keys that were last used before a moment.
    mutating func expire(before moment: Timestamp, _ willForget: (String, State) -> Void = { _, _ in }) {
        let expired = states.filter { $0.value.state.lastUsed < moment }
        for (key, state) in expired {
            willForget(key, state.state)
            forget(key)
        }
    }

    private mutating func evict() {
        let oldest = states.lazy.map { (lastUsed: $0.value.state.lastUsed, key: $0.key) }.sorted { $0 < $1 }
        for (_, key) in oldest.prefix(states.count - limit + limit / 10) { forget(key) }
    }

    private mutating func forget(_ key: String) {
        states[key] = nil
        changed.insert(key)
    }

    // MARK: - Storage

    /// The keys that have changed since the last call.
    mutating func takeChanges() -> [StateChange] {
        defer { changed.removeAll(keepingCapacity: true) }
        return changed.map { key in
            let bytes = self[key].map { state in
                var writer = StateWriter()
                writer.append(Self.version)
                state.write(to: &writer)
                return writer.bytes
            }
            return StateChange(detector: detector, key: prefix + key, state: bytes)
        }
    }

    /// Takes a key back that was stored.
    mutating func restore(_ key: some StringProtocol, _ bytes: [UInt8]) throws(DamagedStateError) {
        var reader = StateReader(bytes)
        guard try reader.next(upTo: Self.version) == Self.version else { throw DamagedStateError() }
        states[String(key)] = Boxed(try State(reading: &reader))
        guard reader.isAtEnd else { throw DamagedStateError() }
        if states.count > limit { evict() }
    }
}

extension KeyedTable {
    /// A state by reference, changed in place when there is no other: when a path of the tree is copied, each of the
    /// states beside it costs one reference and not one for each of its arrays.
    private struct Boxed: Sendable {
        private var one: [State]

        init(_ state: State) { one = [state] }

        var state: State {
            get { one[0] }
            _modify { yield &one[0] }
        }
    }
}
