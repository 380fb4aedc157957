import Cron
import PostgresClient

/// One job of a timetable.
struct TimetableEntry: Sendable {
    let job: Job
    private var progress: JobProgress
    /// When the next slot is due, its jitter included.
    private(set) var nextDue: PostgresTimestamp?

    /// A slot that starts later than this after its time is caught up rather than run.
    static let grace = Duration.seconds(60)
    /// Slots of a paused job are noted this often.
    static let pausedInterval = Duration.seconds(60)
    /// Missed slots that have a row of their own; those before them share one.
    static let individualSlots = 1000
    /// Slots beyond this are not counted.
    static let countLimit = 1_000_000

    init(_ job: Job, _ progress: JobProgress) {
        self.job = job
        self.progress = progress
        nextDue = computeNextDue()
    }

    var isPaused: Bool { progress.pausedAt != nil && progress.resumedAt == nil }

    mutating func move(to watermark: PostgresTimestamp) {
        progress.watermark = watermark
        nextDue = computeNextDue()
    }

    /// What is to happen to the slots that are due; nil when none is.
    func decisions(at now: PostgresTimestamp) -> Decisions? {
        let (older, recent) = dueSlots(at: now)
        guard let until = recent.last else { return nil }
        var (paused, slots): (SlotSpan?, [Slot]) = (nil, [])
        if let older {
            if isPaused(at: older.first) && isPaused(at: older.last) {
                paused = older
            } else {
                slots.append(Slot(older, .missed, reason: SlotReason.absent))
            }
        }
        for slot in recent where isPaused(at: slot) { paused = paused?.extended(to: slot) ?? SlotSpan(slot) }
        if let paused { slots.append(Slot(paused, .skipped, reason: SlotReason.paused)) }
        slots += decide(recent.filter { !isPaused(at: $0) }, at: now)
        return Decisions(job: job, after: progress.watermark, until: until, slots: slots)
    }
}

// MARK: - Deciding

extension TimetableEntry {
    private func decide(_ slots: [PostgresTimestamp], at now: PostgresTimestamp) -> [Slot] {
        guard let newest = slots.last else { return [] }
        let isLate = now - job.due(newest) > Self.grace
        let reason = isLate ? SlotReason.absent : SlotReason.late
        func missed(_ slots: some Sequence<PostgresTimestamp>) -> [Slot] {
            slots.map { Slot($0, .missed, reason: reason) }
        }
        switch job.policy.catchUp {
        case .none where isLate:
            return missed(slots)
        case .none, .latest:
            return missed(slots.dropLast()) + [Slot(newest, .run, isLate ? .catchUp : .schedule)]
        case .all:
            guard slots.count > 1 else { return [Slot(newest, .run, isLate ? .catchUp : .schedule)] }
            let limit = max(1, job.policy.catchUpLimit)
            return missed(slots.dropLast(limit)) + slots.suffix(limit).map { Slot($0, .queue, .catchUp) }
        }
    }

    private func isPaused(at slot: PostgresTimestamp) -> Bool {
        guard let pausedAt = progress.pausedAt else { return false }
        return slot > pausedAt && slot <= progress.resumedAt ?? .infinity
    }
}

// MARK: - Slots

extension TimetableEntry {
    private func computeNextDue() -> PostgresTimestamp? {
        guard let next = nextSlot(after: progress.watermark) else { return nil }
        return isPaused ? max(next, progress.watermark + Self.pausedInterval) : job.due(next)
    }

    /// The first nominal time after another.
    private func nextSlot(after time: PostgresTimestamp) -> PostgresTimestamp? {
        guard !job.schedule.isReboot else {
            return progress.serverStartedAt > time ? progress.serverStartedAt : nil
        }
        return job.schedule.next(after: NominalTime(flooring: time), in: job.timeZone).map(PostgresTimestamp.init)
    }

    /// The slots after the watermark that are due: the last ones one by one, those before them as a span.
    private func dueSlots(at now: PostgresTimestamp) -> (older: SlotSpan?, recent: [PostgresTimestamp]) {
        let slots = dueSlots(after: progress.watermark, at: now, limit: Self.individualSlots + 1)
        guard slots.count > Self.individualSlots else { return (nil, slots) }
        return manySlots(from: slots[0], at: now)
    }

    private func dueSlots(after time: PostgresTimestamp, at now: PostgresTimestamp, limit: Int) -> [PostgresTimestamp] {
        var slots: [PostgresTimestamp] = []
        var last = time
        while slots.count < limit, let next = nextSlot(after: last), isPaused ? next <= now : job.due(next) <= now {
            slots.append(next)
            last = next
        }
        return slots
    }

    /// The same for more slots than have rows of their own, from the newest backwards.
    private func manySlots(from first: PostgresTimestamp, at now: PostgresTimestamp) -> (SlotSpan?, [PostgresTimestamp])
    {
        // A slot that lies as far back as the jitter is long is due; of those after it some are.
        let certain = NominalTime(flooring: now - job.policy.jitter + .seconds(1))
        var recent: [PostgresTimestamp] = []
        var slot = job.schedule.previous(before: certain, in: job.timeZone)
        while let previous = slot, recent.count < Self.individualSlots, PostgresTimestamp(previous) > first {
            recent.append(PostgresTimestamp(previous))
            slot = job.schedule.previous(before: previous, in: job.timeZone)
        }
        recent.reverse()
        recent += dueSlots(after: recent.last ?? first, at: now, limit: .max)
        guard let slot, PostgresTimestamp(slot) >= first else { return (nil, [first] + recent) }
        let last = PostgresTimestamp(slot)
        return (SlotSpan(first: first, last: last, count: count(from: first, to: last)), recent)
    }

    private func count(from first: PostgresTimestamp, to last: PostgresTimestamp) -> Int? {
        if let interval = job.schedule.interval {
            return Int((last.microseconds - first.microseconds) / (Int64(interval) * 1_000_000)) + 1
        }
        var count = 1
        var slot = first
        while slot < last, let next = nextSlot(after: slot) {
            count += 1
            slot = next
            guard count <= Self.countLimit else { return nil }
        }
        return count
    }
}
