/// A chunk of events that subscribers have heard of for the first time.
package struct RelayProgress: Sendable, Hashable {
    /// Events in it.
    package var events = 0
    /// The number of the last.
    package var lastSequence: Int64
    /// Events that were waiting when the relay looked, less those sent since.
    package var pending: Int64
    /// The longest time from writing one of them to its delivery.
    package var lag = Duration.zero
}
