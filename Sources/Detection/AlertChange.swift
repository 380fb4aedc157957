/// What became of an episode, and what subscribers are told of it.
public struct AlertChange: Sendable, Hashable {
    /// What is published.
    public enum Event: String, Sendable, Hashable {
        /// It began.
        case firing
        /// It goes on, or got worse.
        case updated
        /// It is over.
        case resolved
    }

    /// The episode as it is now.
    public var episode: AlertEpisode
    /// What is published of the change; nil when it is only recorded.
    public var event: Event?
}
