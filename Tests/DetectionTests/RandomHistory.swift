import Activity

@testable import Detection

/// The same numbers for the same seed, on every machine (Steele, Lea, Flood: SplitMix64, 2014).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: Int) { state = UInt64(seed) }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

/// A few hours of a small installation under attack: few names, so that windows fill, in bursts and with pauses.
struct RandomHistory {
    var random: SeededRandom
    let start = Timestamp(seconds: 1_700_000_000)

    private let addresses: [String?] = [
        "192.0.2.1", "192.0.2.2", "::ffff:192.0.2.3", "198.51.100.7", "2001:db8::1", "2001:db8::2%eth0", "AWS Internal",
        "203.0.113.1", "203.0.113.200", nil,
    ]
    private let users: [String?] = ["a", "b", "c", "d", "e", "f@example.com", nil]

    init(seed: Int) { random = SeededRandom(seed: seed) }

    /// Events by time, with actions that are drawn from a list; a name may stand there more than once.
    mutating func events(_ count: Int, actions: [String], collections: Int = 3, meanPause: Int) -> [ActivityEvent] {
        var at = start
        return (1...count).map { id in
            let isBurst = Int.random(in: 0..<4, using: &random) > 0
            let pause = Int64.random(in: 0...(isBurst ? 2_000_000 : meanPause.microseconds), using: &random)
            at.microseconds += pause
            let action = actions[Int.random(in: actions.indices, using: &random)]
            return ActivityEvent(
                id: Int64(id),
                at: at,
                user: users[Int.random(in: users.indices, using: &random)],
                ip: addresses[Int.random(in: addresses.indices, using: &random)],
                collection: "c\(Int.random(in: 0..<collections, using: &random))",
                action: action,
            )
        }
    }

    /// Pairs of users and addresses that are known from before the history.
    mutating func acquaintances() -> [KnownAddress] {
        users.compactMap(\.self).flatMap { user in
            addresses.compactMap(\.self).filter { _ in Int.random(in: 0..<4, using: &random) == 0 }
                .map { KnownAddress(user: user, ip: $0, first: Timestamp(seconds: 1), last: start) }
        }
    }

    /// Batches in which events are late by so much at most.
    mutating func batches(of events: [ActivityEvent], delay seconds: Int) -> [[ActivityEvent]] {
        let arrivals = events.map { event in
            (event: event, at: event.at.microseconds + Int64.random(in: 0...seconds.microseconds, using: &random))
        }
        var rest = arrivals.sorted { ($0.at, $0.event.id) < ($1.at, $1.event.id) }.map(\.event)[...]
        var batches: [[ActivityEvent]] = []
        while !rest.isEmpty {
            batches.append(Array(rest.prefix(Int.random(in: 1...20, using: &random))))
            rest = rest.dropFirst(batches.last?.count ?? 0)
        }
        return batches
    }
}

/// A rule and whom it accuses.
struct Accusation: Hashable, CustomStringConvertible {
    var rule: String
    var subject: Finding.Subject

    var description: String {
        let subject = [subject.ip, subject.network, subject.userId, subject.collection].compactMap(\.self)
        return "\(rule): \(subject.joined(separator: ", "))"
    }
}

extension DetectionEngine {
    /// Absorbs batches, lets time pass after each, and collects whom the rules accuse.
    mutating func accusations(in batches: [[ActivityEvent]]) -> Set<Accusation> {
        var accusations: Set<Accusation> = []
        var newest = Timestamp(seconds: 0)
        for batch in batches {
            newest = batch.map(\.at).reduce(newest, max)
            for finding in absorb(batch, now: newest) + advance(to: newest) where finding.isAboveThreshold {
                accusations.insert(Accusation(rule: finding.rule.name, subject: finding.subject))
            }
        }
        return accusations
    }
}
