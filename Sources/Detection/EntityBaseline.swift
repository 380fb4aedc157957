import Activity

/// How many events an address or a user usually has in an hour, by hour of the week in UTC.
///
/// Each hour of the week has a mean and a variance that forget exponentially. Hours without events count as zeros where
/// that hour of the week is otherwise active. An hour of the week that was seen in fewer than three weeks is judged by
/// all active hours together, once there are 24 of them; before that there is no history.
struct EntityBaseline: KeyedState, Hashable {
    static let hoursOfWeek = 168
    /// Weeks after which an hour of the week speaks for itself.
    static let fewestWeeks = 3
    /// Active hours after which all together speak for the others.
    static let fewestHours = 24
    /// Weeks without events after which more zeros say nothing new.
    private static let mostZeros = 8

    private var slots: [Int: Estimate] = [:]
    private var overall = Estimate()
    /// The newest hour that was taught, counted since 1970.
    private(set) var lastHour: Int?

    init() {}

    var lastUsed: Timestamp { Timestamp(seconds: Int64(lastHour ?? 0) * 3600) }

    /// What is usual in an hour; nil without enough history.
    func usual(in hour: Int) -> Estimate? {
        if let slot = slots[Self.slot(of: hour)], slot.observations >= Self.fewestWeeks { return slot }
        return overall.observations >= Self.fewestHours ? overall : nil
    }

    /// Learns an hour; hours come in ascending order, others are left out.
    ///
    /// The caller clips the number of events: one flood must not teach that floods are usual.
    mutating func teach(hour: Int, events: Double) {
        if let lastHour {
            guard hour > lastHour else { return }
            teachZeros(after: lastHour, before: hour)
        }
        slots[Self.slot(of: hour), default: Estimate()].observe(events, weight: 0.2)
        overall.observe(events, weight: 0.02)
        lastHour = hour
    }

    private mutating func teachZeros(after last: Int, before hour: Int) {
        guard hour - last > 1 else { return }
        for slot in slots.keys {
            let distance = (slot - Self.slot(of: last) + Self.hoursOfWeek - 1) % Self.hoursOfWeek + 1
            let first = last + distance
            guard first < hour else { continue }
            for _ in 0...min((hour - 1 - first) / Self.hoursOfWeek, Self.mostZeros - 1) {
                slots[slot]?.observe(0, weight: 0.2)
            }
        }
    }

    private static func slot(of hour: Int) -> Int { hour % hoursOfWeek }

    init(reading reader: inout StateReader) throws(DamagedStateError) {
        lastHour = try reader.next(upTo: 1 << 32)
        overall = try Estimate(reading: &reader)
        for _ in 0..<(try reader.next(upTo: Self.hoursOfWeek)) {
            let slot = try reader.next(upTo: Self.hoursOfWeek - 1)
            slots[slot] = try Estimate(reading: &reader)
        }
    }

    func write(to writer: inout StateWriter) {
        writer.append(lastHour ?? 0)
        overall.write(to: &writer)
        writer.append(slots.count)
        for (slot, estimate) in slots.sorted(by: { $0.key < $1.key }) {
            writer.append(slot)
            estimate.write(to: &writer)
        }
    }
}

extension EntityBaseline {
    /// An exponentially weighted mean and variance: a plain one until the weight of one in `observations` is as small.
    ///
    /// Single precision, since an address may have 168 of them. T. Finch, "Incremental calculation of weighted mean and
    /// variance" (2009), section 9.
    struct Estimate: Sendable, Hashable {
        private(set) var mean = Float(0)
        private(set) var variance = Float(0)
        private(set) var observations = 0

        init() {}

        var deviation: Double { Double(variance).squareRoot() }

        mutating func observe(_ value: Double, weight: Float) {
            observations = min(observations + 1, 10_000)
            let weight = max(weight, 1 / Float(observations))
            let difference = Float(value) - mean
            mean += weight * difference
            variance = (1 - weight) * (variance + weight * difference * difference)
        }

        init(reading reader: inout StateReader) throws(DamagedStateError) {
            observations = try reader.next(upTo: 10_000)
            mean = Float(bitPattern: UInt32(try reader.next(upTo: Int(UInt32.max))))
            variance = Float(bitPattern: UInt32(try reader.next(upTo: Int(UInt32.max))))
            guard mean.isFinite, variance.isFinite, variance >= 0 else { throw DamagedStateError() }
        }

        func write(to writer: inout StateWriter) {
            writer.append(observations)
            writer.append(Int64(mean.bitPattern))
            writer.append(Int64(variance.bitPattern))
        }
    }
}
