import Synchronization

/// The snapshot that readers see. Writers replace it whole, so a reader never sees half of a generation.
public final class SnapshotStore: Sendable {
    private let snapshot = Mutex<Snapshot?>(nil)
    private let replacements = Atomic<Int>(0)

    /// A store without a snapshot.
    public init() {}

    /// The newest snapshot, nil until the first one was computed.
    public var current: Snapshot? {
        snapshot.withLock { $0 }
    }

    /// How often the snapshot was replaced. Whoever asks before taking the snapshot can tell later, without taking it
    /// again, whether it is still the newest.
    public var version: Int { replacements.load(ordering: .acquiring) }

    /// Replaces the snapshot.
    public func replace(with newer: Snapshot) {
        snapshot.withLock { current in
            current = newer
            replacements.wrappingAdd(1, ordering: .releasing)
        }
    }
}
