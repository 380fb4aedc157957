import Foundation

/// Tells whether ages that were read at different times fit together: whether there is one moment since which each was
/// the whole seconds gone by, somewhere between question and answer.
struct AgeWitness {
    private(set) var earliest = -Double.infinity
    private(set) var latest = Double.infinity
    private(set) var ages: Set<Int> = []

    /// Takes note of an age that was asked for and answered at these times.
    mutating func add(_ age: Int, askedAt asked: Date, answeredAt answered: Date) {
        ages.insert(age)
        earliest = max(earliest, asked.timeIntervalSince1970 - Double(age) - 1)
        latest = min(latest, answered.timeIntervalSince1970 - Double(age))
    }

    /// Whether all ages are right to the second.
    var agrees: Bool { earliest < latest }
}
