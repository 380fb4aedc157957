import Activity

@testable import Detection

/// The rules as one would write them down, over a whole history, without regard to time or memory.
struct NaiveRules {
    let settings: DetectionSettings
    /// By time.
    let events: [ActivityEvent]
    let known: [KnownAddress]
    /// Whether logins of the history itself make addresses known.
    var isLearning = true

    private var failures: [ActivityEvent] { events.filter { $0.action == ActivityEvent.failedLogin } }

    /// All windows that end with an event of a list.
    private func windows(of events: [ActivityEvent], seconds: Int) -> [[ActivityEvent]] {
        events.map { last in
            events.filter { $0.at <= last.at && $0.at.microseconds >= last.at.microseconds - seconds.microseconds }
        }
    }

    private func isKnown(_ event: ActivityEvent) -> Bool {
        known.contains { $0.user == event.user && $0.ip == event.ip }
            || isLearning
                && events.contains {
                    $0.action == ActivityEvent.login && $0.user != nil && $0.user == event.user && $0.ip != nil
                        && $0.ip == event.ip && $0.at < event.at
                }
    }

    private func network(_ event: ActivityEvent) -> String? {
        event.ip.flatMap { IPAddress($0) }.map { Network.surrounding($0).description }
    }

    var bruteForce: Set<Accusation> {
        let rule = settings.bruteForce
        func isAttack(_ failures: [ActivityEvent], from fewest: Int) -> Bool {
            func holds(_ number: Int, _ seconds: Int, _ counted: (ActivityEvent) -> Bool = { _ in true }) -> Bool {
                windows(of: failures, seconds: seconds).contains { window in
                    Set(window.map(\.ip)).count >= fewest && window.filter(counted).count >= number
                }
            }
            return holds(rule.failures, rule.window) || holds(rule.burstFailures, rule.burstWindow)
                || holds(rule.slowFailures, rule.slowWindow) { !isKnown($0) }
        }
        let addresses = Dictionary(grouping: failures, by: \.ip).filter { isAttack($0.value, from: 1) }.keys
        let networks = Dictionary(grouping: failures, by: network).filter { isAttack($0.value, from: 2) }.keys
        return Set(addresses.compactMap(\.self).map { Accusation(rule: "brute-force", subject: .init(ip: $0)) })
            .union(networks.compactMap(\.self).map { Accusation(rule: "brute-force", subject: .init(network: $0)) })
    }

    var passwordSpray: Set<Accusation> {
        let rule = settings.passwordSpray
        let addresses = Dictionary(grouping: failures.filter { $0.user != nil }, by: \.ip).filter { failures in
            windows(of: failures.value, seconds: rule.window).contains { Set($0.map(\.user)).count >= rule.users }
        }
        return Set(
            addresses.keys.compactMap(\.self).map { Accusation(rule: "password-spray", subject: .init(ip: $0)) }
        )
    }

    var distributedBruteForce: Set<Accusation> {
        let rule = settings.distributedBruteForce
        let isAttack = windows(of: failures.filter { $0.ip != nil }, seconds: rule.window).contains { window in
            window.count >= rule.failures && Set(window.map(\.ip)).count >= rule.addresses
        }
        return isAttack ? [Accusation(rule: "distributed-brute-force", subject: .init())] : []
    }

    var massDelete: Set<Accusation> {
        let rule = settings.massDelete
        let deletions = events.filter { $0.action == "delete" && $0.user != nil }
        let keys = Dictionary(grouping: deletions) { Finding.Subject(userId: $0.user, collection: $0.collection) }
        return Set(
            keys.filter { windows(of: $0.value, seconds: rule.window).contains { $0.count >= rule.deletions } }
                .map { Accusation(rule: "mass-delete", subject: $0.key) }
        )
    }

    var takeover: Set<Accusation> {
        let rule = settings.takeover
        func count(before login: ActivityEvent, _ seconds: Int, _ counted: (ActivityEvent) -> Bool) -> Int {
            failures.count { failure in
                failure.at <= login.at && failure.at.microseconds >= login.at.microseconds - seconds.microseconds
                    && counted(failure)
            }
        }
        let logins = events.filter { login in
            guard login.action == ActivityEvent.login, login.user != nil else { return false }
            let isHere = { (failure: ActivityEvent) in login.ip != nil && failure.ip == login.ip }
            return count(before: login, rule.rapidWindow, isHere) >= rule.failures
                || count(before: login, rule.window) { isHere($0) && !isKnown($0) } >= rule.failures
                || !isKnown(login) && count(before: login, rule.window) { $0.user == login.user } >= rule.failures
        }
        return Set(logins.map { Accusation(rule: "takeover", subject: .init(ip: $0.ip, userId: $0.user)) })
    }

    // MARK: - Sliding hours, in whole minutes

    private func hours(of events: [ActivityEvent]) -> [[ActivityEvent]] {
        func minute(_ event: ActivityEvent) -> Int64 { event.at.second / 60 }
        return events.map { last in
            events.filter { (minute(last) - 59)...minute(last) ~= minute($0) }
        }
    }

    private func accusations(
        _ rule: String,
        _ key: (ActivityEvent) -> Finding.Subject?,
        _ holds: ([ActivityEvent]) -> Bool,
    ) -> Set<Accusation> {
        let subjects = Dictionary(grouping: events, by: key).filter { subject, events in
            subject != nil && hours(of: events).contains(where: holds)
        }
        return Set(subjects.keys.compactMap(\.self).map { Accusation(rule: rule, subject: $0) })
    }

    private func address(_ event: ActivityEvent) -> Finding.Subject? { event.ip.map { Finding.Subject(ip: $0) } }
    private func user(_ event: ActivityEvent) -> Finding.Subject? { event.user.map { Finding.Subject(userId: $0) } }

    private func isSuspicious(_ hour: [ActivityEvent]) -> Bool {
        let collections = Set(hour.map(\.collection)).count
        let actions = Set(hour.map(\.action)).count
        return Risk(events: hour.count, collections: collections, actions: actions).level != .low
    }

    var excessiveRequests: Set<Accusation> {
        let holds = { (hour: [ActivityEvent]) in hour.count > settings.excessiveRequests.limit }
        return accusations("excessive-requests", address, holds).union(accusations("excessive-requests", user, holds))
    }

    var broadAccess: Set<Accusation> {
        accusations("broad-access", address) { hour in
            Set(hour.map(\.collection)).count > settings.broadAccess.collections
                && hour.count >= settings.broadAccess.events && isSuspicious(hour)
        }
    }

    var diverseActions: Set<Accusation> {
        accusations("diverse-actions", address) { hour in
            Set(hour.map(\.action)).count > settings.diverseActions.actions
                && hour.count >= settings.diverseActions.events && isSuspicious(hour)
        }
    }
}
