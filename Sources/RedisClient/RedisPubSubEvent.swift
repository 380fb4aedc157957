/// What a subscription yields.
public enum RedisPubSubEvent: Sendable, Hashable {
    /// The server has confirmed all channels, at first and after every reconnect. What was published in between is
    /// lost, so this is the time to catch up.
    case subscribed
    /// A message of at most 64 MiB.
    case message(channel: String, payload: [UInt8])
}
