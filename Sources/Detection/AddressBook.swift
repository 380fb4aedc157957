import Activity

/// The addresses of one user, the newest fifty.
struct AddressBook: KeyedState, Hashable {
    struct Entry: Sendable, Hashable {
        var ip: String
        var first: Timestamp
        var last: Timestamp
    }

    /// The most that are kept; a user of more is at home everywhere.
    static let limit = 50
    /// `last` is only as exact as this, so that not each sign-in is stored.
    static let grain = 86_400.microseconds

    private(set) var entries: [Entry] = []

    init() {}

    var lastUsed: Timestamp { entries.map(\.last).max() ?? Timestamp(microseconds: .min) }

    subscript(ip: String) -> Entry? { entries.first { $0.ip == ip } }

    /// Whether `insert` would change anything.
    func isNews(_ ip: String, first: Timestamp, last: Timestamp) -> Bool {
        guard let entry = self[ip] else { return true }
        return first < entry.first || last.microseconds >= entry.last.microseconds + Self.grain
    }

    mutating func insert(_ ip: String, first: Timestamp, last: Timestamp, forgottenBefore horizon: Timestamp) {
        if let index = entries.firstIndex(where: { $0.ip == ip }) {
            entries[index].first = min(entries[index].first, first)
            entries[index].last = max(entries[index].last, last)
        } else {
            entries.append(Entry(ip: ip, first: first, last: last))
        }
        entries.removeAll { $0.last < horizon }
        guard entries.count > Self.limit else { return }
        entries.sort { ($0.last, $0.ip) > ($1.last, $1.ip) }
        entries.removeLast(entries.count - Self.limit)
    }

    init(reading reader: inout StateReader) throws(DamagedStateError) {
        for _ in 0..<(try reader.next(upTo: Self.limit)) {
            let ip = try reader.next(String.self)
            let first = Timestamp(microseconds: try reader.next())
            entries.append(Entry(ip: ip, first: first, last: Timestamp(microseconds: try reader.next())))
        }
    }

    func write(to writer: inout StateWriter) {
        writer.append(entries.count)
        for entry in entries {
            writer.append(entry.ip)
            writer.append(entry.first.microseconds)
            writer.append(entry.last.microseconds)
        }
    }
}
