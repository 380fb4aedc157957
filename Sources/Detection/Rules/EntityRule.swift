import Activity

/// A rule about single addresses, users and collections: a value, fed with one event after the other.
///
/// The engine passes events by time, minute by minute; late ones come in later minutes. Findings of a minute are taken
/// after it, one for each subject, the strongest. Whatever throws disables its rule and nothing else.
protocol EntityRule: Sendable {
    /// The name under which its state is stored and by which it is disabled.
    var name: String { get }

    /// Takes an event in. Whose addresses are known is as of before the event; nil when that has failed.
    mutating func absorb(_ event: ActivityEvent, _ known: KnownAddresses?) throws

    /// What there is to say about the events since the last call.
    mutating func takeFindings() throws -> [Finding]

    /// Forgets what no window reaches any more at that time.
    mutating func expire(at now: Timestamp)

    mutating func takeChanges() -> [StateChange]

    mutating func restore(key: String, state: [UInt8]) throws
}

extension EntityRule {
    /// The rule as findings name it, for detectors of one rule.
    var rule: Finding.Rule { Finding.Rule(name: name, version: 1) }
}

extension Int {
    /// Seconds in the unit of ``Timestamp``.
    var microseconds: Int64 { Int64(self) * 1_000_000 }
}

extension Timestamp {
    func advanced(bySeconds seconds: Int) -> Timestamp {
        Timestamp(microseconds: microseconds + seconds.microseconds)
    }
}
