/// What the command connection of a client is doing.
public enum RedisConnectionState: Sendable, Hashable {
    /// The first attempt since ``RedisClient/run()`` began is under way.
    case connecting
    /// There is a connection, greeted and authenticated, since then.
    case connected(since: ContinuousClock.Instant)
    /// There is none: ``RedisClient/run()`` does not run, or tries again after this error.
    case disconnected(lastError: RedisError?)
}
