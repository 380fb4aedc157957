import Synchronization
import Systemd

/// Tells the service manager about the daemon, from whichever service something happens in.
final class ServiceNotices: Sendable {
    private let life = Mutex(ServiceLife())
    private let send: @Sendable ([ServiceState]) -> Void

    /// Notices that go to the manager, or elsewhere in tests.
    init(send: @escaping @Sendable ([ServiceState]) -> Void = { _ = ServiceManager.notify($0) }) {
        self.send = send
    }

    /// Where the daemon's life is.
    var phase: ServiceLife.Phase { life.withLock(\.phase) }

    /// Changes it, and sends what there is to tell. An empty message is not sent.
    ///
    /// - Returns: what was sent.
    @discardableResult
    func tell(_ change: @Sendable (inout ServiceLife) -> [ServiceState]) -> [ServiceState] {
        let states = life.withLock { change(&$0) }
        if !states.isEmpty { send(states) }
        return states
    }
}
