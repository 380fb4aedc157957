package import Activity
package import ActivitySQL
package import PostgresClient

/// Keeps the data that documents are computed from in step with PostgreSQL.
///
/// The first load reads everything within the horizon; every later one reads the hours, names and seconds that changed
/// since, all of them in one snapshot of the database.
package struct DataLoader: Sendable {
    private let sql: ActivitySQL

    /// More changed hours than this are cheaper to load by reading everything.
    private static let mostChangedHours = 500

    /// A loader from the schema that `sql` names.
    package init(_ sql: ActivitySQL) {
        self.sql = sql
    }

    /// Data with the batch of the feed up to which it was loaded.
    package struct Loaded: Sendable {
        /// What was loaded.
        package var data = ActivityData()
        /// The newest batch in `data`.
        package var batch: Int64 = 0
        /// What differs from the data that this was loaded upon.
        package var change = DataChange.everything
    }

    /// Loads what changed since an earlier load, or everything.
    ///
    /// Events and hours that no window of the moment `now` reaches are left out.
    ///
    /// - Parameters:
    ///   - connection: where to read from, in a transaction of its own.
    ///   - earlier: what the last load returned; nil for a first load.
    ///   - now: the end of all windows.
    /// - Returns: the data, and how it differs from `earlier`.
    /// - Throws: `PostgresError`.
    package func load(
        _ connection: PostgresConnection,
        after earlier: Loaded? = nil,
        now: Timestamp,
    ) async throws -> Loaded {
        let horizon = now.hour.advanced(by: -24 * Windows.longestDays)
        return try await connection.transaction(.repeatableRead, readOnly: true) { connection in
            let position = try await connection.query(
                sql("SELECT batch, rewritten_batch FROM :\"schema\".feed, :\"schema\".reconcile")
            )
            let (batch, rewritten): (Int64, Int64) = (try position.value(0, 0), try position.value(0, 1))
            // A smaller batch than before is of a server that lacks commits, as after a failover.
            let earlier = earlier.flatMap { $0.batch < rewritten || $0.batch > batch ? nil : $0 }
            var loaded = earlier ?? Loaded()
            loaded.data.cube.removeSegments(before: horizon)
            if let earlier, earlier.batch == batch {
                loaded.change = .nothing
                loaded.data.recent.add([], now: now)
                return loaded
            }
            try await loadNames(connection, into: &loaded.data.dimensions)
            loaded.change = try await loadFacts(
                connection,
                from: horizon,
                after: earlier?.batch,
                into: &loaded.data.cube,
            )
            let events = try await recentEvents(connection, after: earlier?.batch, now: now)
            loaded.data.recent.add(events, now: now)
            loaded.batch = batch
            return loaded
        }
    }

    // MARK: - Dimensions

    private func loadNames(_ connection: PostgresConnection, into dimensions: inout Dimensions) async throws {
        dimensions.collections = try await names("dim_collection", connection, upon: dimensions.collections)
        dimensions.actions = try await names("dim_action", connection, upon: dimensions.actions)
        dimensions.users = try await names("dim_user", connection, upon: dimensions.users)
        dimensions.ips = try await names("dim_ip", connection, upon: dimensions.ips)
    }

    /// Codes are given in ascending order under the feed's lock, so new members have larger codes than known ones.
    private func names(
        _ table: String,
        _ connection: PostgresConnection,
        upon known: Dimension,
    ) async throws -> Dimension {
        try await connection.copyOut(
            sql("SELECT id, name::text FROM :\"schema\".\(table) WHERE id > \(known.newestCode) ORDER BY id"),
            into: known,
        ) { dimension, row in
            let code = try row.next(Int32.self)
            dimension.add(try row.next(String.self), code: code)
        }
    }

    // MARK: - Facts

    private func loadFacts(
        _ connection: PostgresConnection,
        from horizon: Hour,
        after batch: Int64?,
        into cube: inout Cube,
    ) async throws -> DataChange {
        guard let hours = try await changedHours(connection, from: horizon, after: batch) else {
            var all = Cube()
            for segment in try await segments(connection, "hour >= '\(horizon.start)'") { all.replace(with: segment) }
            cube = all
            return .everything
        }
        guard !hours.isEmpty else { return .users([]) }
        let list = hours.map { "'\($0.start)'" }.joined(separator: ",")
        var users: Set<Int32> = []
        var vanished = Set(hours)
        for segment in try await segments(connection, "hour IN (\(list))") {
            vanished.remove(segment.hour)
            users.formUnion(segment.users)
            users.formUnion(cube.replace(with: segment)?.users ?? [])
        }
        for hour in vanished { users.formUnion(cube.replace(with: Segment(hour: hour, facts: []))?.users ?? []) }
        return .users(users)
    }

    /// The hours that changed after a batch; nil when everything had better be read.
    private func changedHours(
        _ connection: PostgresConnection,
        from horizon: Hour,
        after batch: Int64?,
    ) async throws -> [Hour]? {
        guard let batch else { return nil }
        let changed = try await connection.query(
            sql("SELECT hour FROM :\"schema\".changed_hour WHERE batch > $1 AND hour >= $2 AND isfinite(hour)"),
            [.int8(batch), .timestamp(horizon.start.microseconds)],
        )
        guard changed.rowCount <= Self.mostChangedHours else { return nil }
        return try (0..<changed.rowCount).map { row in
            Timestamp(microseconds: try changed.value(row, 0, as: PostgresTimestamp.self).microseconds).hour
        }
    }

    /// The segments of the hours that satisfy a condition, ascending.
    private func segments(_ connection: PostgresConnection, _ condition: String) async throws -> [Segment] {
        let facts = try await connection.copyOut(
            sql(
                """
                SELECT hour, user_id, ip_id, collection_id, action_id, events, last_at
                FROM :"schema".fact WHERE \(condition) AND isfinite(hour)
                """
            ),
            into: FactsByHour(),
        ) { facts, row in
            try facts.add(&row)
        }
        return facts.segments
    }

    // MARK: - The last day

    private func recentEvents(
        _ connection: PostgresConnection,
        after batch: Int64?,
        now: Timestamp,
    ) async throws -> [RecentActivity.Event] {
        let start = now.hour.advanced(by: -RecentActivity.horizon).start
        return try await connection.copyOut(
            sql(
                """
                SELECT last_at, ip_id, collection_id, action_id, events
                FROM :"schema".recent_fact WHERE batch > \(batch ?? -1) AND last_at >= '\(start)'
                """
            ),
            into: [],
        ) { events, row in
            events.append(
                RecentActivity.Event(
                    at: Timestamp(microseconds: try row.next(PostgresTimestamp.self).microseconds),
                    ip: try row.next(Int32.self),
                    collection: try row.next(Int32.self),
                    action: try row.next(Int32.self),
                    events: UInt32(clamping: try row.next(Int32.self)),
                )
            )
        }
    }
}

/// Facts as they arrive, mostly in the order of their hours, sorted into hours.
private struct FactsByHour: Sendable {
    private var hours: [Hour: [Fact]] = [:]
    private var current = Hour(.min)
    private var facts: [Fact] = []

    mutating func add(_ row: inout BinaryCopyRow) throws {
        let hour = Timestamp(microseconds: try row.next(PostgresTimestamp.self).microseconds).hour
        if hour != current { turn(to: hour) }
        facts.append(
            Fact(
                user: try row.next(Int32.self),
                ip: try row.next(Int32.self),
                collection: try row.next(Int32.self),
                action: try row.next(Int32.self),
                events: UInt32(clamping: try row.next(Int64.self)),
                lastOffset: UInt32(
                    clamping: try row.next(PostgresTimestamp.self).microseconds - hour.start.microseconds
                ),
            )
        )
    }

    private mutating func turn(to hour: Hour) {
        hours[current, default: []] += facts
        facts.removeAll(keepingCapacity: true)
        current = hour
    }

    var segments: [Segment] {
        var hours = hours
        hours[current, default: []] += facts
        return hours.sorted { $0.key < $1.key }
            .filter { !$0.value.isEmpty }
            .map { Segment(hour: $0.key, facts: $0.value) }
    }
}
