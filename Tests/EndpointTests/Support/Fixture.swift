import Activity

/// Forty days of made-up activity, the same at each run.
enum Fixture {
    static let hour = Hour(498_000)
    /// Half past the newest hour.
    static let computedAt = Timestamp(seconds: hour.start.second + 1800)
    static let collections = ["articles", "directus_files", "café \"menu\" & more", "日本 語/+=%"]
    static let actions = ["create", "update", "delete", "login"]
    static let users = (1...30).map { "00000000-0000-4000-8000-0000000000\($0 < 10 ? "0" : "")\($0)" }
    static let ips = (1...60).map { "10.0.0.\($0)" }
    static let unknownUser = "ffffffff-0000-4000-8000-000000000000"

    /// The snapshot that most tests serve.
    static let snapshot = snapshot(generation: 812)

    /// A snapshot whose counts depend on the number of its generation.
    static func snapshot(generation: Int64, after previous: Snapshot? = nil, changing: Bool = true) -> Snapshot {
        Snapshot(
            Generation(number: generation, fence: 1, computedAt: computedAt),
            of: changing ? data(extra: UInt32(generation % 1000)) : data(extra: 0),
            windows: Windows(),
            after: previous,
        )
    }

    /// A snapshot whose collections make documents of at least so many bytes.
    static func snapshot(withDocumentsOf bytes: Int) -> Snapshot {
        var data = data(extra: 0)
        // Text that compresses badly is not needed: who wants to see the bytes does not ask for gzip.
        data.dimensions.collections.add(String(repeating: "long name ", count: bytes / 10 + 1), code: 9)
        data.cube.replace(with: Segment(hour: hour, facts: [fact(age: 0, 0, extra: 0, collection: 9)]))
        // One window: rendering takes long without optimisation.
        let windows = Windows(days: [7], hours: [24], alertHours: [1])
        return Snapshot(Generation(number: 1, fence: 1, computedAt: computedAt), of: data, windows: windows)
    }

    private static func data(extra: UInt32) -> ActivityData {
        var data = ActivityData()
        for (index, name) in collections.enumerated() { data.dimensions.collections.add(name, code: Int32(index + 1)) }
        for (index, name) in actions.enumerated() { data.dimensions.actions.add(name, code: Int32(index + 1)) }
        for (index, name) in users.enumerated() { data.dimensions.users.add(name, code: Int32(index + 1)) }
        for (index, name) in ips.enumerated() { data.dimensions.ips.add(name, code: Int32(index + 1)) }
        for age in 0..<960 {
            let facts = (0..<4).map { fact(age: age, $0, extra: age == 0 ? extra : 0) }
            data.cube.replace(with: Segment(hour: hour.advanced(by: -age), facts: facts))
        }
        data.recent.add((0..<200).map(event), now: computedAt)
        return data
    }

    private static func fact(age: Int, _ index: Int, extra: UInt32, collection: Int32? = nil) -> Fact {
        Fact(
            user: Int32((age * 7 + index) % 30 + 1),
            ip: Int32((age * 11 + index * 3) % 60 + 1),
            collection: collection ?? Int32((age + index) % 4 + 1),
            action: Int32((age / 4 + index) % 4 + 1),
            events: UInt32(age % 5 + 1) + extra,
            lastOffset: UInt32(index * 60_000_000),
        )
    }

    private static func event(_ index: Int) -> RecentActivity.Event {
        RecentActivity.Event(
            at: Timestamp(seconds: computedAt.second - Int64(index * 10)),
            ip: Int32(index % 5 + 1),
            collection: Int32(index % 4 + 1),
            action: Int32(index / 5 % 4 + 1),
            events: UInt32(index % 5 * 10 + 3),
        )
    }
}
