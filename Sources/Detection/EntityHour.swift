public import Activity

/// How many events an address or a user had in an hour of the past; what is usual is learnt from them.
public struct EntityHour: Sendable, Hashable {
    /// Whose events.
    public enum Entity: Sendable, Hashable {
        case ip(String)
        case user(String)
    }

    /// Whose events.
    public var entity: Entity
    /// The hour in UTC.
    public var hour: Hour
    /// How many, at least one.
    public var events: Int

    /// An hour of an entity.
    public init(entity: Entity, hour: Hour, events: Int) {
        self.entity = entity
        self.hour = hour
        self.events = events
    }
}
