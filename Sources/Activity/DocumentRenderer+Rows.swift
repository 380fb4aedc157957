/// The shape of each document's rows: the one place that knows the names of their members.
extension DocumentRenderer {
    func dashboard(days: Int, _ totals: WindowTotals, _ series: DocumentRows) -> Document {
        let hours = min(days * 24, Self.dashboardHours - 1)
        let rows = DocumentRows(CollectionOfOne(totals)) { totals, json in
            json.append(raw: "{\"summary\":{\"totalActivity\":")
            json.append(totals.events)
            json.append(raw: ",\"uniqueUsers\":")
            json.append(totals.users)
            json.append(raw: ",\"uniqueIPs\":")
            json.append(totals.ips)
            json.append(raw: ",\"period\":")
            json.append(Self.period(days: days))
            json.append(raw: "},\"collections\":[")
            json.append(raw: traffic("collection", totals.collections).bytes(of: .all))
            json.append(raw: "],\"actions\":[")
            json.append(raw: traffic("action", totals.actions).bytes(of: .all))
            json.append(raw: "],\"hourly\":[")
            json.append(raw: series.bytes(of: .newest(hours: hours)))
            json.append(raw: "],\"topIPs\":[")
            json.append(raw: ips(totals.busiestIPs.prefix(Self.dashboardRanks)).bytes(of: .all))
            json.append(raw: "],\"topUsers\":[")
            json.append(raw: users(totals.busiestUsers.prefix(Self.dashboardRanks)).bytes(of: .all))
            json.append(raw: "]}")
        }
        return document(days: days, form: .object, rows: rows)
    }

    func traffic(_ member: StaticString, _ traffic: [WindowTotals.NamedTraffic]) -> DocumentRows {
        DocumentRows(traffic) { row, json in
            json.append(raw: "{\"")
            json.append(raw: member)
            json.append(raw: "\":")
            json.append(row.name)
            json.append(raw: ",\"count\":")
            json.append(row.tally.events)
            json.append(raw: ",\"countDistinct_user\":")
            json.append(row.tally.users)
            json.append(raw: ",\"countDistinct_ip\":")
            json.append(row.tally.ips)
            json.append(raw: "}")
        }
    }

    func ips(_ ips: some Collection<Ranked<IPTally>>) -> DocumentRows {
        DocumentRows(ips, weight: \.tally.events) { row, json in
            let risk = Risk(row.tally)
            json.append(raw: "{\"ip\":")
            json.append(row.name)
            json.append(raw: ",\"count\":")
            json.append(row.tally.events)
            json.append(raw: ",\"countDistinct_collection\":")
            json.append(row.tally.collections)
            json.append(raw: ",\"countDistinct_user\":")
            json.append(row.tally.users)
            json.append(raw: ",\"countDistinct_action\":")
            json.append(row.tally.actions)
            json.append(raw: ",\"riskLevel\":")
            json.append(risk.level.rawValue)
            json.append(raw: ",\"activityScore\":")
            json.append(risk.score)
            json.append(raw: "}")
        }
    }

    func users(_ users: some Collection<Ranked<UserTally>>) -> DocumentRows {
        DocumentRows(users, weight: \.tally.events) { row, json in
            json.append(raw: "{\"userId\":")
            json.append(row.name)
            json.append(raw: ",\"count\":")
            json.append(row.tally.events)
            json.append(raw: ",\"countDistinct_collection\":")
            json.append(row.tally.collections)
            json.append(raw: ",\"countDistinct_ip\":")
            json.append(row.tally.ips)
            json.append(raw: ",\"lastSeen\":")
            json.append(quoted: row.tally.lastSeen)
            json.append(raw: "}")
        }
    }

    func alert(hours: Int, _ ips: [Ranked<IPTally>]) -> Document {
        let rows = DocumentRows(ips, weight: \.tally.events) { row, json in
            let risk = Risk(row.tally)
            json.append(raw: "{\"ip\":")
            json.append(row.name)
            json.append(raw: ",\"count\":")
            json.append(row.tally.events)
            json.append(raw: ",\"riskLevel\":")
            json.append(risk.level.rawValue)
            json.append(raw: ",\"alertType\":\"")
            json.append(raw: risk.alertType)
            json.append(raw: "\",\"timestamp\":")
            json.append(quoted: row.tally.lastSeen)
            json.append(raw: "}")
        }
        let start =
            hours > RecentActivity.horizon
            ? firstHour(ofHours: hours).start
            : RecentActivity.start(ofHours: hours, before: generation.computedAt)
        return document(from: start, form: .countedList, rows: rows)
    }

    func user(id: String, days: Int, _ activity: UserActivity) -> Document {
        let rows = DocumentRows(CollectionOfOne(activity)) { activity, json in
            json.append(raw: "{\"userId\":")
            json.append(id)
            json.append(raw: ",\"period\":")
            json.append(Self.period(days: days))
            json.append(raw: ",\"summary\":{\"count\":")
            json.append(activity.events)
            json.append(raw: ",\"countDistinct_collection\":")
            json.append(activity.collections.count)
            json.append(raw: ",\"countDistinct_ip\":")
            json.append(activity.ips.count)
            json.append(raw: "},\"byCollection\":[")
            Self.append("collection", activity.collections, of: data.dimensions.collections, to: &json)
            json.append(raw: "],\"byAction\":[")
            Self.append("action", activity.actions, of: data.dimensions.actions, to: &json)
            json.append(raw: "]}")
        }
        return document(days: days, form: .object, rows: rows)
    }

    /// One row for each hour of the longest series, oldest first, hours without events included.
    ///
    /// - Parameter action: counts only the rows of this action when given; 0 for one that never occurred.
    /// - Returns: as many rows as the series has hours, the current one included.
    func seriesRows(action: Int32?) -> DocumentRows {
        let last = generation.computedAt.hour
        let hours = firstHour(ofHours: Windows.longestHours)...last
        var segments = data.cube.segments(in: hours)
        return DocumentRows(Array(hours)) { hour, json in
            let segment = segments.first?.hour == hour ? segments.removeFirst() : nil
            append(hour, segment, action: action, to: &json)
        }
    }

    private func append(_ hour: Hour, _ segment: Segment?, action: Int32?, to json: inout JSONWriter) {
        let actions = segment?.actions.filter { action == nil || $0.code == action } ?? []
        json.append(raw: "{\"timestamp\":")
        json.append(quoted: hour.start)
        json.append(raw: ",\"total\":")
        json.append(actions.reduce(0) { $0 + $1.events })
        json.append(raw: ",\"uniqueUsers\":")
        json.append(action == nil ? segment?.users.count ?? 0 : actions.first?.users ?? 0)
        json.append(raw: ",\"byAction\":{")
        let byName = actionsByName.lazy.compactMap { code in actions.first { $0.code == code } }
        json.append(byName) { action, json in
            json.append(data.dimensions.actions[action.code])
            json.append(raw: ":")
            json.append(action.events)
        }
        json.append(raw: "}}")
    }

    private static func append(
        _ member: StaticString,
        _ tallies: [Int32: TrafficTally],
        of dimension: Dimension,
        to json: inout JSONWriter,
    ) {
        json.append(tallies.map { Ranked(name: dimension[$0], tally: $1) }.sorted()) { row, json in
            json.append(raw: "{\"")
            json.append(raw: member)
            json.append(raw: "\":")
            json.append(row.name)
            json.append(raw: ",\"count\":")
            json.append(row.tally.events)
            json.append(raw: "}")
        }
    }

    private static func period(days: Int) -> String {
        days == 1 ? "1 day" : "\(days) days"
    }

    func seriesDocument(_ rows: DocumentRows) -> Document {
        document(from: firstHour(ofHours: Windows.longestHours).start, form: .list, rows: rows)
    }

    func document(days: Int, form: Document.Form = .list, rows: DocumentRows) -> Document {
        document(from: firstHour(ofHours: days * 24).start, form: form, rows: rows)
    }

    private func document(from: Timestamp, form: Document.Form, rows: DocumentRows) -> Document {
        Document(
            revision: generation.number,
            computedAt: generation.computedAt,
            dataThrough: dataThrough,
            from: from,
            form: form,
            rows: rows,
        )
    }
}
