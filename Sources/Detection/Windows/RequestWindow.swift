import Activity

/// The events of one address or user in the last two hours by minute: every sliding hour, and one more for what is late.
struct RequestWindow: KeyedState, Hashable {
    /// Events of one minute since 1970.
    struct Minute: Sendable, Hashable {
        var number: Int
        var events: Int
    }

    /// How many minutes are kept.
    static let reach = 120
    /// How many minutes a window has.
    static let length = 60
    /// The most collections and the most actions that are told apart; no threshold is higher.
    static let mostNames = 64

    private(set) var newest = 0
    private(set) var lastUsed = Timestamp(microseconds: .min)
    private var minutes: [Minute] = []
    private var collections: [NameMinutes] = []
    private var actions: [NameMinutes] = []
    /// Ascending.
    private(set) var evidence: [Int64] = []

    init() {}

    /// All that are kept.
    var events: Int { minutes.reduce(0) { $0 + $1.events } }

    /// The minute that holds a moment, which lies after 1970.
    static func minute(of moment: Timestamp) -> Int { Int(moment.second / 60) }

    /// Counts an event; its collection and action only if they are to be told apart.
    ///
    /// Hours are returned that are complete now, since nothing so late is counted any more, with their events.
    mutating func add(_ event: ActivityEvent, isNamed: Bool) -> [(hour: Int, events: Int)] {
        let minute = Self.minute(of: event.at)
        guard lastUsed.microseconds != .min else {
            (newest, lastUsed) = (minute, event.at)
            count(event, minute, isNamed: isNamed)
            return []
        }
        guard minute > newest - Self.reach else { return [] }
        let closed = minute > newest ? advance(to: minute) : []
        lastUsed = max(lastUsed, event.at)
        count(event, minute, isNamed: isNamed)
        return closed
    }

    private mutating func count(_ event: ActivityEvent, _ minute: Int, isNamed: Bool) {
        let index = minutes.lastIndex { $0.number <= minute } ?? -1
        if index >= 0, minutes[index].number == minute {
            minutes[index].events += 1
        } else {
            minutes.insert(Minute(number: minute, events: 1), at: index + 1)
        }
        evidence.insert(event.id, at: (evidence.lastIndex { $0 <= event.id } ?? -1) + 1)
        if evidence.count > Finding.evidenceLimit { evidence.removeFirst() }
        guard isNamed else { return }
        NameMinutes.mark(FNV1a.tag(event.collection), age: newest - minute, in: &collections, limit: Self.mostNames)
        NameMinutes.mark(FNV1a.tag(event.action), age: newest - minute, in: &actions, limit: Self.mostNames)
    }

    private mutating func advance(to minute: Int) -> [(hour: Int, events: Int)] {
        let closed = hours(closedAt: minute)
        NameMinutes.age(&collections, by: minute - newest)
        NameMinutes.age(&actions, by: minute - newest)
        newest = minute
        minutes.removeAll { $0.number <= minute - Self.reach }
        return closed
    }

    /// The hours with events that are not complete yet and will be once the newest minute is this one.
    func hours(closedAt minute: Int) -> [(hour: Int, events: Int)] {
        var closed: [(hour: Int, events: Int)] = []
        for open in minutes where newest..<minute ~= open.number / 60 * 60 + Self.reach - 1 {
            if closed.last?.hour != open.number / 60 { closed.append((open.number / 60, 0)) }
            closed[closed.count - 1].events += open.events
        }
        return closed
    }

    // MARK: - Windows

    /// What one hour contains.
    struct Tally: Hashable {
        /// The last minute of the hour.
        var end: Int
        var events: Int
        var collections: Int
        var actions: Int

        var risk: Risk { Risk(events: events, collections: collections, actions: actions) }
    }

    /// All hours that contain a minute and end with a minute that has events.
    func tallies(around minute: Int) -> [Tally] {
        minutes.lazy.map(\.number).filter { minute..<(minute + Self.length) ~= $0 }.map(tally)
    }

    private func tally(endingAt end: Int) -> Tally {
        var events = 0
        for minute in minutes.reversed() where minute.number <= end {
            guard minute.number > end - Self.length else { break }
            events += minute.events
        }
        return Tally(
            end: end,
            events: events,
            collections: NameMinutes.count(collections, age: newest - end, length: Self.length),
            actions: NameMinutes.count(actions, age: newest - end, length: Self.length),
        )
    }

    // MARK: - Storage

    init(reading reader: inout StateReader) throws(DamagedStateError) {
        newest = try reader.next(upTo: 1 << 40)
        lastUsed = Timestamp(microseconds: try reader.next())
        for _ in 0..<(try reader.next(upTo: Self.reach)) {
            let number = newest - (try reader.next(upTo: Self.reach))
            minutes.append(Minute(number: number, events: try reader.next(upTo: .max)))
        }
        collections = try NameMinutes.read(&reader, upTo: Self.mostNames)
        actions = try NameMinutes.read(&reader, upTo: Self.mostNames)
        var id = Int64(0)
        for _ in 0..<(try reader.next(upTo: Finding.evidenceLimit)) {
            id &+= try reader.next()
            evidence.append(id)
        }
    }

    func write(to writer: inout StateWriter) {
        writer.append(newest)
        writer.append(lastUsed.microseconds)
        writer.append(minutes.count)
        for minute in minutes {
            writer.append(newest - minute.number)
            writer.append(minute.events)
        }
        NameMinutes.write(collections, to: &writer)
        NameMinutes.write(actions, to: &writer)
        writer.append(evidence.count)
        var last = Int64(0)
        for id in evidence {
            writer.append(id &- last)
            last = id
        }
    }
}
