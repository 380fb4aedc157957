/// What a detector knows of one key, after it has changed; a row of `detector_state`.
public struct StateChange: Sendable, Hashable {
    /// The detector's name.
    public var detector: String
    /// An address, a user, a series, whatever the detector tells apart.
    public var key: String
    /// Nil when the key is of no interest any more.
    public var state: [UInt8]?

    /// A change.
    public init(detector: String, key: String, state: [UInt8]?) {
        self.detector = detector
        self.key = key
        self.state = state
    }
}
