import Activity
package import ActivitySQL
package import PostgresClient

/// Alerts and silences for people: what there is, and what they decide about it.
package struct AlertCatalog: Sendable {
    private let postgres: PostgresClient
    private let sql: ActivitySQL

    /// The alerts in the schema that `sql` names.
    package init(_ postgres: PostgresClient, _ sql: ActivitySQL) {
        self.postgres = postgres
        self.sql = sql
    }

    /// An alert.
    package struct Alert: Sendable, Encodable {
        package var occurrenceId: String
        package var fingerprint: String
        package var rule: String
        package var alertType: String
        package var severity: String
        package var status: String
        package var subject: String
        package var reason: String
        /// RFC 3339, as all times here.
        package var startsAt: String
        package var endsAt: String?
        package var updatedAt: String
        /// Events published of it.
        package var published: Int64
        package var suppressedBy: String?
        package var acknowledgedAt: String?
        package var acknowledgedBy: String?
        package var acknowledgement: String?
    }

    /// A silence that has not expired.
    package struct Silence: Sendable, Encodable {
        package var id: Int64
        package var rule: String?
        package var fingerprint: String?
        package var address: String?
        package var userId: String?
        package var comment: String
        package var createdBy: String
        package var expiresAt: String
    }

    /// What a silence is to match; what is nil matches everything.
    package struct Matcher: Sendable {
        package var rule: String?
        package var fingerprint: String?
        /// An address or a network in CIDR notation.
        package var address: String?
        package var userId: String?

        /// A matcher from its parts.
        package init(rule: String?, fingerprint: String?, address: String?, userId: String?) {
            self.rule = rule
            self.fingerprint = fingerprint
            self.address = address
            self.userId = userId
        }
    }

    /// Alerts, the newest first.
    ///
    /// - Parameters:
    ///   - statuses: those to show.
    ///   - count: how many at most.
    /// - Returns: the alerts, with the newest first.
    /// - Throws: `PostgresError`.
    package func list(statuses: [String], count: Int) async throws -> [Alert] {
        try await alerts(
            "status = ANY ($1) ORDER BY starts_at DESC, occurrence_id LIMIT $2",
            [.textArray(statuses), .int8(Int64(count))],
        )
    }

    /// The same as JSON objects: the member `data` of each alert's newest event, and what people decided about it.
    ///
    /// - Throws: `PostgresError`.
    package func listJSON(statuses: [String], count: Int) async throws -> [String] {
        try await postgres.query(
            sql(
                """
                SELECT (data || jsonb_strip_nulls(jsonb_build_object(
                    'suppressedBy', suppressed_by,
                    'acknowledgedAt', to_char(acknowledged_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                    'acknowledgedBy', acknowledged_by
                )))::text
                FROM :"schema".alert WHERE status = ANY ($1) ORDER BY starts_at DESC, occurrence_id LIMIT $2
                """
            ),
            [.textArray(statuses), .int8(Int64(count))],
        ).map { try $0.value(0) }
    }

    /// The newest alert of a name, with the member `data` of its newest event.
    ///
    /// - Parameter name: an occurrence or a fingerprint.
    /// - Returns: the alert, and the member as JSON.
    /// - Throws: `UnknownAlertError`, `PostgresError`.
    package func alert(_ name: String) async throws -> (alert: Alert, data: String) {
        let condition = "(occurrence_id = $1 OR fingerprint = $1) ORDER BY starts_at DESC LIMIT 1"
        guard let alert = try await alerts(condition, [.text(name)]).first else { throw UnknownAlertError(name: name) }
        let data = try await postgres.query(
            sql("SELECT data::text FROM :\"schema\".alert WHERE occurrence_id = $1"),
            [.text(alert.occurrenceId)],
        )
        return (alert, try data.value(0, 0))
    }

    /// Says that somebody knows of an alert, so that it is not repeated unless it gets worse.
    ///
    /// - Throws: `UnknownAlertError` when nothing of that name is open, `PostgresError`.
    package func acknowledge(_ name: String, comment: String?) async throws {
        let done = try await postgres.query(
            sql(
                """
                UPDATE :"schema".alert
                SET acknowledged_at = now(), acknowledged_by = session_user, acknowledgement = $2
                WHERE (occurrence_id = $1 OR fingerprint = $1) AND status <> 'resolved'
                """
            ),
            [.text(name), comment.map(PostgresParameter.text) ?? .null],
        )
        guard done.affectedRows > 0 else { throw UnknownAlertError(name: name, isOpen: true) }
    }

    /// Keeps alerts from being published for a while; they are recorded all the same.
    ///
    /// - Parameters:
    ///   - matcher: which alerts; at least one part of it.
    ///   - duration: from now on.
    ///   - comment: why.
    /// - Returns: the number of the silence.
    /// - Throws: `PostgresError`, such as for an address that is none.
    package func silence(_ matcher: Matcher, for duration: Duration, comment: String) async throws -> Int64 {
        let created = try await postgres.query(
            sql(
                """
                INSERT INTO :"schema".alert_silence (rule, fingerprint, address, user_id, comment, expires_at)
                VALUES ($1, $2, $3::inet::cidr, $4, $5, now() + $6 * interval '1 second') RETURNING id
                """
            ),
            [
                matcher.rule.map(PostgresParameter.text) ?? .null,
                matcher.fingerprint.map(PostgresParameter.text) ?? .null,
                matcher.address.map(PostgresParameter.untyped) ?? .null,
                matcher.userId.map(PostgresParameter.text) ?? .null,
                .text(comment),
                .double(duration / .seconds(1)),
            ],
        )
        return try created.value(0, 0)
    }

    /// Ends a silence now.
    ///
    /// - Returns: whether there was one.
    /// - Throws: `PostgresError`.
    package func endSilence(_ id: Int64) async throws -> Bool {
        let ended = try await postgres.query(
            sql("UPDATE :\"schema\".alert_silence SET expires_at = now() WHERE id = $1 AND expires_at > now()"),
            [.int8(id)],
        )
        return ended.affectedRows > 0
    }

    /// Silences that have not expired.
    ///
    /// - Throws: `PostgresError`.
    package func silences() async throws -> [Silence] {
        let silences = try await postgres.query(
            sql(
                """
                SELECT id, rule, fingerprint, address::text, user_id, comment, created_by, expires_at
                FROM :"schema".alert_silence WHERE expires_at > now() ORDER BY id
                """
            )
        )
        return try silences.map { row in
            Silence(
                id: try row.value(0),
                rule: try row.value(1),
                fingerprint: try row.value(2),
                address: try row.value(3),
                userId: try row.value(4),
                comment: try row.value(5),
                createdBy: try row.value(6),
                expiresAt: try row.timestamp(7).description,
            )
        }
    }

    /// Lets a detector that failed begin anew, without what it knew.
    ///
    /// - Returns: whether it was off.
    /// - Throws: `PostgresError`.
    package func resetDetector(_ name: String) async throws -> Bool {
        try await postgres.withConnection { connection in
            try await connection.transaction { connection in
                // Whoever feeds holds what detectors know in memory.
                _ = try await connection.query(sql("SELECT FROM :\"schema\".feed FOR UPDATE"))
                let failure = try await connection.query(
                    sql("DELETE FROM :\"schema\".detector_failure WHERE detector = $1"),
                    [.text(name)],
                )
                guard failure.affectedRows > 0 else { return false }
                _ = try await connection.query(
                    sql("DELETE FROM :\"schema\".detector_state WHERE detector = $1"),
                    [.text(name)],
                )
                _ = try await connection.query(sql("UPDATE :\"schema\".detection SET revision = revision + 1"))
                return true
            }
        }
    }

    private func alerts(_ condition: String, _ parameters: [PostgresParameter]) async throws -> [Alert] {
        let alerts = try await postgres.query(
            sql(
                """
                SELECT occurrence_id, fingerprint, rule, alert_type, severity, status,
                       coalesce(data -> 'annotations' ->> 'summary', ''), coalesce(data ->> 'reason', ''),
                       starts_at, ends_at, updated_at, published, suppressed_by, acknowledged_at, acknowledged_by,
                       acknowledgement
                FROM :"schema".alert WHERE \(condition)
                """
            ),
            parameters,
        )
        return try alerts.map { row in
            Alert(
                occurrenceId: try row.value(0),
                fingerprint: try row.value(1),
                rule: try row.value(2),
                alertType: try row.value(3),
                severity: try row.value(4),
                status: try row.value(5),
                subject: try row.value(6),
                reason: try row.value(7),
                startsAt: try row.timestamp(8).description,
                endsAt: try row.optionalTimestamp(9)?.description,
                updatedAt: try row.timestamp(10).description,
                published: try row.value(11),
                suppressedBy: try row.value(12),
                acknowledgedAt: try row.optionalTimestamp(13)?.description,
                acknowledgedBy: try row.value(14),
                acknowledgement: try row.value(15),
            )
        }
    }
}

/// No alert has this name.
package struct UnknownAlertError: Error, Equatable, CustomStringConvertible {
    package let name: String
    package var isOpen = false

    package var description: String {
        "there is no \(isOpen ? "open " : "")alert '\(name)'; accepted is an occurrence or a fingerprint of 'activityd alerts list'"
    }
}
