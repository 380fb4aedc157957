/// A detector that is switched off by the first error.
///
/// It knows its own name and state, so that nothing is looked up, and no second reference to the detector is held while
/// it changes: it would be copied for each event.
struct Guarded<Detector: Sendable>: Sendable {
    let name: String
    private(set) var isOff: Bool
    /// Not to be asked for anything when it is off.
    private(set) var detector: Detector

    init(_ name: String, _ detector: Detector, isOff: Bool = false) {
        self.name = name
        self.detector = detector
        self.isOff = isOff
    }

    /// Nil when it is off.
    var ifOn: Detector? { isOff ? nil : detector }

    /// Lets the detector work unless it is off.
    ///
    /// - Returns: nil when it is off or has failed just now.
    @discardableResult
    mutating func attempt<Result>(
        _ failures: inout [DetectorFailure],
        _ body: (inout Detector) throws -> Result,
    ) -> Result? {
        guard !isOff else { return nil }
        do {
            return try body(&detector)
        } catch {
            disable(&failures, reason: "\(error)")
            return nil
        }
    }

    /// Switches it off, which is a failure once.
    mutating func disable(_ failures: inout [DetectorFailure], reason: String) {
        guard !isOff else { return }
        isOff = true
        failures.append(DetectorFailure(detector: name, reason: reason))
    }
}
