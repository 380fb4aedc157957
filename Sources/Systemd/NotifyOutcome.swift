/// What became of a message to the service manager.
public enum NotifyOutcome: Sendable, Hashable {
    /// It is in the manager's socket.
    case sent
    /// Nobody asked for messages: `NOTIFY_SOCKET` is not set.
    case notSupervised
    /// There was no state in it.
    case nothingToSend
    /// The system refused it, with this `errno`.
    case failed(errno: Int32)
}
