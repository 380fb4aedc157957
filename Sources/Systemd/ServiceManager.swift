import CSystemd
import Glibc

/// The service manager that started this process, if it is one that wants to be told about its state.
///
/// All of this reads the environment of the process and leaves it as it is.
public enum ServiceManager {
    /// Whether a manager listens: `NOTIFY_SOCKET` is set.
    public static var isActive: Bool {
        guard let path = getenv("NOTIFY_SOCKET") else { return false }
        return path.pointee != 0
    }

    /// The time within which the manager expects a ``ServiceState/watchdog``; nil when it keeps no watch on this process.
    ///
    /// Send at half of it. Source: sd_watchdog_enabled(3), `WATCHDOG_USEC` and `WATCHDOG_PID`.
    public static var watchdogInterval: Duration? {
        var microseconds: UInt64 = 0
        guard sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
        return .microseconds(Int64(clamping: microseconds))
    }

    /// Tells the manager all these states in one message, which it takes at once; without a manager, does nothing.
    ///
    /// The message is a datagram, which waits only when the manager's queue is full.
    ///
    /// - Parameter states: In the order in which they are written; none sends nothing.
    /// - Returns: What became of the message. sd_notify(3) advises not to act on it; a log may want to know.
    @discardableResult
    public static func notify(_ states: [ServiceState]) -> NotifyOutcome {
        guard !states.isEmpty else { return .nothingToSend }
        guard isActive else { return .notSupervised }
        let result = sd_notify(0, states.map(\.assignment).joined(separator: "\n"))
        return result > 0 ? .sent : result == 0 ? .notSupervised : .failed(errno: -result)
    }
}
