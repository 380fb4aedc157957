/// That a detector has failed and is off.
public struct DetectorFailure: Sendable, Hashable {
    /// Its name, as its state is stored.
    public var detector: String
    /// Why, in words.
    public var reason: String

    /// A failure.
    public init(detector: String, reason: String) {
        self.detector = detector
        self.reason = reason
    }
}
