/// Renders documents of one generation.
struct DocumentRenderer {
    let generation: Generation
    let data: ActivityData
    /// The newest row that is counted, nil when there is none.
    let dataThrough: Timestamp?
    /// Action codes by name, so that `byAction` has its keys in the same order everywhere.
    let actionsByName: [Int32]

    /// The most hours that a dashboard shows.
    static let dashboardHours = 168
    /// The number of addresses and users that a dashboard shows.
    static let dashboardRanks = 10

    init(generation: Generation, data: ActivityData) {
        self.generation = generation
        self.data = data
        actionsByName = data.dimensions.actions.codesByName()
        let counted = data.cube.segments(in: Hour(.min)...generation.computedAt.hour)
        dataThrough = counted.last?.lastActivity
    }

    /// Every document that is rendered ahead, those of single users left out.
    func documents(of windows: Windows) -> [DocumentKey: Document] {
        var documents = alertDocuments(of: windows)
        let series = seriesRows(action: nil)
        documents[.hourly(action: nil)] = seriesDocument(series)
        for action in actionsByName {
            documents[.hourly(action: data.dimensions.actions[action])] = seriesDocument(seriesRows(action: action))
        }
        for (days, totals) in zip(windows.days, totals(ofDays: windows.days)) {
            documents[.dashboard(days: days)] = dashboard(days: days, totals, series)
            documents[.collections(days: days)] = document(
                days: days,
                rows: traffic("collection", totals.collections),
            )
            documents[.actions(days: days, collection: nil)] = document(
                days: days,
                rows: traffic("action", totals.actions),
            )
            documents[.ips(days: days)] = document(days: days, rows: ips(totals.busiestIPs))
            documents[.users(days: days)] = document(days: days, rows: users(totals.busiestUsers))
        }
        return documents
    }

    /// The documents whose windows move every second.
    func alertDocuments(of windows: Windows) -> [DocumentKey: Document] {
        let now = generation.computedAt
        let alerts = data.recent.suspiciousIPs(inHours: windows.alertHours, before: now, data.dimensions)
        return Dictionary(
            uniqueKeysWithValues: zip(windows.alertHours, alerts).map { (.alerts(hours: $0), alert(hours: $0, $1)) }
        )
    }

    /// The documents of single users who are active in the window that is rendered ahead.
    ///
    /// - Parameter users: the users whose documents are due; nil for all.
    /// - Returns: one document for each of them who was active.
    func userDocuments(of users: Set<Int32>?) -> [DocumentKey: Document] {
        let days = Windows.userDays
        return Dictionary(
            uniqueKeysWithValues: activities(of: users, days: days).map { user, activity in
                let id = data.dimensions.users[user]
                return (.user(id: id, days: days), self.user(id: id, days: days, activity))
            }
        )
    }

    /// One document; nil when it names an unknown user.
    func document(for key: DocumentKey) -> Document? {
        switch key {
        case .dashboard(let days):
            return dashboard(days: days, totals(ofDays: days), seriesRows(action: nil))
        case .collections(let days):
            return document(days: days, rows: traffic("collection", totals(ofDays: days).collections))
        case .actions(let days, let collection):
            return document(
                days: days,
                rows: traffic("action", totals(ofDays: days, collection: collection).actions),
            )
        case .ips(let days):
            return document(days: days, rows: ips(totals(ofDays: days).busiestIPs))
        case .users(let days):
            return document(days: days, rows: users(totals(ofDays: days).busiestUsers))
        case .user(let id, let days):
            guard let user = data.dimensions.users.code(of: id) else { return nil }
            return self.user(id: id, days: days, activities(of: [user], days: days)[user] ?? UserActivity())
        case .hourly(let action):
            return seriesDocument(seriesRows(action: action.map { data.dimensions.actions.code(of: $0) ?? 0 }))
        case .alerts(let hours):
            return alert(hours: hours, suspiciousIPs(hours: hours))
        }
    }

    /// The ids of users by their codes.
    func ids(of users: Set<Int32>) -> Set<String> {
        Set(users.map { data.dimensions.users[$0] })
    }
}

// MARK: - Windows

extension DocumentRenderer {
    func firstHour(ofHours hours: Int) -> Hour {
        generation.computedAt.hour.advanced(by: -hours)
    }

    private func totals(ofDays days: [Int], collection: Int32? = nil) -> [WindowTotals] {
        WindowSweep.answers(
            over: data.cube,
            dimensions: data.dimensions,
            from: days.map { firstHour(ofHours: $0 * 24) },
            through: generation.computedAt.hour,
            collection: collection,
        ) { $0.totals }
    }

    /// No row is in an unknown collection: code 0 belongs to none.
    private func totals(ofDays days: Int, collection: String? = nil) -> WindowTotals {
        totals(ofDays: [days], collection: collection.map { data.dimensions.collections.code(of: $0) ?? 0 })[0]
    }

    private func activities(of users: Set<Int32>?, days: Int) -> [Int32: UserActivity] {
        let hours = firstHour(ofHours: days * 24)...generation.computedAt.hour
        let everybody = { Set(data.cube.segments(in: hours).flatMap(\.users)) }
        return UserActivity.activities(of: users ?? everybody(), in: data.cube, hours: hours)
    }

    /// To the second as far back as that is known, and from a whole hour beyond.
    private func suspiciousIPs(hours: Int) -> [Ranked<IPTally>] {
        guard hours > RecentActivity.horizon else {
            return data.recent.suspiciousIPs(inHours: [hours], before: generation.computedAt, data.dimensions)[0]
        }
        return WindowSweep.answers(
            over: data.cube,
            dimensions: data.dimensions,
            from: [firstHour(ofHours: hours)],
            through: generation.computedAt.hour,
        ) { $0.suspiciousIPs }[0]
    }
}
