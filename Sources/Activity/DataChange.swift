/// What differs between two states of the data.
public enum DataChange: Sendable, Equatable {
    /// Nothing: only the time has moved on.
    case nothing
    /// Facts, of which those with a user belong to the given ones.
    case users(Set<Int32>)
    /// Anything.
    case everything
}
