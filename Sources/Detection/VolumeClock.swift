import Activity

/// Divides time into buckets of equal length, counted since 1970.
struct VolumeClock: Sendable, Hashable {
    /// The length of a bucket.
    let seconds: Int

    /// What belongs into a bucket; the years 1 to 9999, so that no sum of moments overflows.
    static let times = Timestamp(seconds: -62_135_596_800)...Timestamp(seconds: 253_402_300_799)

    /// The bucket that holds a moment, or the one some seconds before it.
    func bucket(of moment: Timestamp, secondsBefore delay: Int = 0) -> Int64 {
        let second = min(max(moment, Self.times.lowerBound), Self.times.upperBound).second - Int64(delay)
        let (bucket, rest) = second.quotientAndRemainder(dividingBy: Int64(seconds))
        return rest < 0 ? bucket - 1 : bucket
    }

    /// All buckets that there are.
    var buckets: ClosedRange<Int64> { bucket(of: Self.times.lowerBound)...bucket(of: Self.times.upperBound) }

    /// The first moment of a bucket.
    func start(of bucket: Int64) -> Timestamp { Timestamp(seconds: bucket * Int64(seconds)) }

    /// The hour of the day in UTC, 0…23, in which a bucket begins.
    func hourOfDay(_ bucket: Int64) -> Int {
        let hour = Int(start(of: bucket).hour.number) % 24
        return hour < 0 ? hour + 24 : hour
    }

    /// `5 minutes`.
    var description: String {
        let (count, unit) = seconds % 60 == 0 ? (seconds / 60, "minute") : (seconds, "second")
        return count == 1 ? "1 \(unit)" : "\(count) \(unit)s"
    }
}
