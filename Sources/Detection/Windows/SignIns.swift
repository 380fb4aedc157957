import Activity

/// Sign-ins of one user or at one address, those that failed and those that did not.
struct SignIns: KeyedState, Hashable {
    /// A sign-in that succeeded.
    struct Success: Sendable, Hashable {
        var at: Timestamp
        var id: Int64
        var user: String
        var ip: String?
        /// Whether the user had signed in there before.
        var isFamiliar: Bool
    }

    /// The most successes that are kept for failures that come late.
    static let mostSuccesses = 32

    private(set) var failures = Sightings()
    private(set) var successes: [Success] = []

    init() {}

    var lastUsed: Timestamp { max(failures.lastUsed, successes.last?.at ?? failures.lastUsed) }

    mutating func insert(_ failure: Sighting, capacity: Int) {
        failures.insert(failure, capacity: capacity)
    }

    mutating func insert(_ success: Success) {
        let index = successes.lastIndex { ($0.at, $0.id) <= (success.at, success.id) }.map { $0 + 1 } ?? 0
        successes.insert(success, at: index)
        if successes.count > Self.mostSuccesses { successes.removeFirst() }
    }

    /// The failures in a window that ends with a success, both ends included.
    func failures(before success: Success, within seconds: Int) -> [Sighting] {
        let start = success.at.advanced(bySeconds: -seconds)
        return failures.all.filter { start...success.at ~= $0.at }
    }

    init(reading reader: inout StateReader) throws(DamagedStateError) {
        failures = try Sightings(reading: &reader)
        for _ in 0..<(try reader.next(upTo: Self.mostSuccesses)) {
            let at = Timestamp(microseconds: try reader.next())
            let id = try reader.next(Int64.self)
            let user = try reader.next(String.self)
            let ip = try reader.next(String.self)
            let isFamiliar = try reader.next(upTo: 1) == 1
            successes.append(
                Success(at: at, id: id, user: user, ip: ip.isEmpty ? nil : ip, isFamiliar: isFamiliar)
            )
        }
    }

    func write(to writer: inout StateWriter) {
        failures.write(to: &writer)
        writer.append(successes.count)
        for success in successes {
            writer.append(success.at.microseconds)
            writer.append(success.id)
            writer.append(success.user)
            writer.append(success.ip ?? "")
            writer.append(success.isFamiliar ? 1 : 0)
        }
    }
}
