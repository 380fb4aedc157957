import Synchronization

/// The snapshot that readers see. Writers replace it whole, so a reader never sees half of a generation.
public final class SnapshotStore: Sendable {
    private let snapshot = Mutex<Snapshot?>(nil)

    /// A store without a snapshot.
    public init() {}

    /// The newest snapshot, nil until the first one was computed.
    public var current: Snapshot? {
        snapshot.withLock { $0 }
    }

    /// Replaces the snapshot.
    public func replace(with newer: Snapshot) {
        snapshot.withLock { $0 = newer }
    }
}
