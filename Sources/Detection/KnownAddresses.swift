import Activity

/// From where each user has signed in: what tells an honest mistake from an attack.
///
/// Several rules ask it, so it is a detector of its own that finds nothing. When it has failed, rules that would then
/// suspect everybody say nothing, and the others excuse nobody.
struct KnownAddresses: Sendable {
    static let name = "known-addresses"

    private let settings: DetectionSettings.KnownAddresses
    private var users = KeyedTable<AddressBook>(detector: name)

    init(_ settings: DetectionSettings.KnownAddresses) {
        self.settings = settings
    }

    /// Whether a user has signed in at an address before a moment.
    func knows(_ user: String?, at ip: String?, before moment: Timestamp) -> Bool {
        guard let user, let ip, let entry = users[user]?[ip] else { return false }
        return entry.first < moment && moment.advanced(bySeconds: -lifetime) <= entry.last
    }

    /// Whether a user has signed in anywhere.
    func knows(_ user: String) -> Bool { users[user] != nil }

    mutating func absorb(_ event: ActivityEvent) {
        guard event.action == ActivityEvent.login, let user = event.user, let ip = event.ip else { return }
        learn(KnownAddress(user: user, ip: ip, first: event.at, last: event.at))
    }

    mutating func learn(_ known: KnownAddress) {
        guard users[known.user]?.isNews(known.ip, first: known.first, last: known.last) ?? true else { return }
        let horizon = known.last.advanced(bySeconds: -lifetime)
        users.update(known.user) { book in
            book.insert(known.ip, first: known.first, last: known.last, forgottenBefore: horizon)
        }
    }

    private var lifetime: Int { settings.days * 86_400 }

    mutating func expire(at now: Timestamp) { users.expire(before: now.advanced(bySeconds: -lifetime)) }
    mutating func takeChanges() -> [StateChange] { users.takeChanges() }
    mutating func restore(key: String, state: [UInt8]) throws(DamagedStateError) { try users.restore(key, state) }
}
