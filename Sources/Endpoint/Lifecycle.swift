import Synchronization

/// Whether the endpoint still takes readers. Goes one way.
final class Lifecycle: Sendable {
    private let draining = Atomic<Bool>(false)

    var isDraining: Bool { draining.load(ordering: .acquiring) }

    /// - Returns: false when it was draining already.
    func beginDraining() -> Bool {
        !draining.exchange(true, ordering: .acquiringAndReleasing)
    }
}
