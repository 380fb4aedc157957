import Detection
import Pipeline
import PostgresClient
import TestServers
import Testing

/// Alerts are as exactly-once as the rows that they are made of.
struct FeedDetectionTests {
    @Test func anAlertCommitsWithTheRowsThatCausedIt() async throws {
        let database = try await ActivityDatabase()
        try await database.delete(25)
        try await database.feed()
        #expect(
            try await database.lines("rule, severity, status, published", from: "activity.alert")
                == ["mass-delete high firing 1"]
        )
        #expect(try await database.number("SELECT count(*) FROM activity.alert_outbox WHERE relay_seq IS NULL") == 1)
        let evidence = try await database.number(
            "SELECT jsonb_array_length(data #> '{evidence,activityIds}') FROM activity.alert"
        )
        #expect(evidence == 20)
    }

    @Test func detectorsGoOnFromWhatAnotherDaemonHasStored() async throws {
        let database = try await ActivityDatabase()
        let daemons = [database.newFeed(), database.newFeed()]
        for turn in 0..<6 {
            try await database.delete(5)
            _ = try await database.client.withConnection { try await daemons[turn % 2].ingest($0) }
        }
        #expect(try await database.number("SELECT count(*) FROM activity.alert") == 1)
        #expect(try await database.number("SELECT count(*) FROM activity.alert_outbox") == 1)
    }

    @Test func aBatchThatWasRolledBackLeavesNothingAndIsFoundAgain() async throws {
        let database = try await ActivityDatabase()
        let feed = database.newFeed()
        let ingest = { try await database.client.withConnection { try await feed.ingest($0) } }
        _ = try await ingest()
        try await database.execute(
            """
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not now'; END $$;
            CREATE TRIGGER refuse BEFORE INSERT ON activity.alert_outbox FOR EACH ROW EXECUTE FUNCTION refuse();
            """
        )
        try await database.delete(25)
        await #expect(throws: PostgresError.self) { _ = try await ingest() }
        #expect(try await database.number("SELECT count(*) FROM activity.alert") == 0)
        #expect(try await database.number("SELECT count(*) FROM activity.fact") == 0)
        try await database.execute("DROP TRIGGER refuse ON activity.alert_outbox")
        _ = try await ingest()
        _ = try await ingest()
        #expect(try await database.number("SELECT count(*) FROM activity.alert") == 1)
        #expect(try await database.number("SELECT count(*) FROM activity.alert_outbox") == 1)
    }

    @Test func aRowThatCommitsLateCounts() async throws {
        let database = try await ActivityDatabase()
        try await database.delete(19)
        let late = try await PostgresConnection.connect(
            PostgresConfiguration(connectionString: database.connectionString)
        )
        _ = try await late.query("BEGIN")
        _ = try await late.query(ActivityDatabase.deletion(1))
        try await database.execute(ActivityDatabase.unrelatedRow)
        try await database.feed()
        #expect(try await database.number("SELECT count(*) FROM activity.alert") == 0)
        _ = try await late.query("COMMIT")
        try await database.feed()
        #expect(try await database.number("SELECT count(*) FROM activity.alert") == 1)
    }

    @Test func anOpenAlertThatCannotBeReadIsNotInTheWay() async throws {
        let database = try await ActivityDatabase()
        try await database.delete(25)
        try await database.feed()
        try await database.execute("UPDATE activity.alert SET episode = '{\"of\": \"another version\"}'")
        try await database.delete(25)
        try await database.feed()
        #expect(
            try await database.lines("status", from: "activity.alert ORDER BY starts_at, status DESC")
                == ["resolved", "firing"]
        )
    }

    @Test func isResolvedOnceAfterTheQuietPeriod() async throws {
        let database = try await ActivityDatabase()
        var settings = DetectionSettings()
        settings.lifecycle.quietPeriod = 1
        let feed = database.newFeed(detection: settings)
        try await database.delete(25)
        try await eventually("the alert is resolved") {
            _ = try await database.client.withConnection { try await feed.ingest($0) }
            return try await database.number("SELECT count(*) FROM activity.alert WHERE status = 'resolved'") == 1
        }
        #expect(
            try await database.lines("event::jsonb ->> 'type'", from: "activity.alert_outbox ORDER BY id")
                == ["activityd.alert.firing", "activityd.alert.resolved"]
        )
        #expect(try await database.number("SELECT count(*) FROM activity.alert WHERE ends_at IS NOT NULL") == 1)
    }

    @Test func silencesStopPublishingAndNotRecording() async throws {
        let database = try await ActivityDatabase()
        let catalog = AlertCatalog(database.client, database.sql)
        let matcher = AlertCatalog.Matcher(rule: "mass-delete", fingerprint: nil, address: nil, userId: nil)
        let id = try await catalog.silence(matcher, for: .seconds(3600), comment: "a migration")
        try await database.delete(25)
        try await database.feed()
        #expect(
            try await database.lines("status, published, suppressed_by", from: "activity.alert")
                == ["firing 0 silence \(id)"]
        )
        #expect(try await database.number("SELECT count(*) FROM activity.alert_outbox") == 0)
        #expect(try await catalog.endSilence(id))
        try await database.delete(1)
        try await database.feed()
        #expect(try await database.number("SELECT count(*) FROM activity.alert_outbox") == 1)
    }

    @Test func allowListsStopPublishingAndNotRecording() async throws {
        let database = try await ActivityDatabase()
        var settings = DetectionSettings()
        settings.allow.users = [ActivityDatabase.deleter]
        try await database.delete(25)
        _ = try await database.client.withConnection { [settings] connection in
            try await database.newFeed(detection: settings).ingest(connection)
        }
        #expect(try await database.number("SELECT count(*) FROM activity.alert WHERE suppressed_by IS NOT NULL") == 1)
        #expect(try await database.number("SELECT count(*) FROM activity.alert_outbox") == 0)
    }

    @Test func theHistoryOfAnInstallationIsNoAttack() async throws {
        let database = try await ActivityDatabase()
        try await database.delete(200, ago: "25 hours")
        try await database.feed()
        #expect(try await database.lines("rule, data ->> 'reason', starts_at", from: "activity.alert") == [])
        #expect(try await database.number("SELECT count(*) FROM activity.detection WHERE learnt_at IS NOT NULL") == 1)
    }

    @Test func anAttackWhileNoDaemonRanIsFoundWhateverItsAge() async throws {
        let database = try await ActivityDatabase()
        try await database.feed()
        try await database.execute("UPDATE activity.detection SET begins_at = now() - interval '10 days'")
        try await database.delete(25, ago: "3 days")
        try await database.feed()
        #expect(try await database.lines("alert_type", from: "activity.alert") == ["MASS_DELETE"])
        let types = try await database.lines("event::jsonb ->> 'type'", from: "activity.alert_outbox ORDER BY id")
        #expect(types == ["activityd.alert.firing", "activityd.alert.resolved"], "it is over by now")
    }

    @Test func reportedSignInsAreDetectedOnce() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(
            """
            INSERT INTO activity.auth_event ("timestamp", outcome, email, ip)
            SELECT now() - n * interval '1 second', 'failure', 'admin@example.com', '203.0.113.7'
            FROM generate_series(1, 6) AS n
            """
        )
        try await database.feed()
        try await database.feed()
        #expect(try await database.lines("rule, severity", from: "activity.alert") == ["brute-force high"])
        #expect(try await database.number("SELECT count(*) FROM activity.auth_event WHERE NOT is_detected") == 0)
    }

    @Test func damagedStateSwitchesOneDetectorOffAndNothingElse() async throws {
        let database = try await ActivityDatabase()
        try await database.delete(5)
        try await database.feed()
        try await database.execute(
            "UPDATE activity.detector_state SET state = '\\xffffffffffffffffffffff' WHERE detector = 'requests'"
        )
        #expect(
            try await database.number("SELECT count(*) FROM activity.detector_state WHERE detector = 'requests'") > 0
        )
        try await database.delete(25)
        try await database.feed()
        #expect(try await database.lines("detector", from: "activity.detector_failure") == ["requests"])
        #expect(try await database.lines("rule", from: "activity.alert") == ["mass-delete"])
        #expect(try await AlertCatalog(database.client, database.sql).resetDetector("requests"))
        try await database.delete(5)
        try await database.feed()
        #expect(try await database.number("SELECT count(*) FROM activity.detector_failure") == 0)
    }

    @Test func threeActiveAddressesOfWhichOneFloodsASingleCollection() async throws {
        let database = try await ActivityDatabase()
        try await database.execute(
            """
            INSERT INTO directus_activity (action, "timestamp", ip, collection, item)
            SELECT 'update', now() - n * interval '1 second', CASE WHEN n <= 10 THEN '198.51.100.1'
                   WHEN n <= 20 THEN '198.51.100.2' ELSE '203.0.113.7' END, 'articles', 'x'
            FROM generate_series(1, 700) AS n
            """
        )
        try await database.feed()
        #expect(
            try await database.lines("alert_type, data ->> 'ip'", from: "activity.alert")
                == ["EXCESSIVE_REQUESTS 203.0.113.7"]
        )
    }
}

extension ActivityDatabase {
    static let deleter = "11111111-1111-4111-8111-111111111111"
    static let unrelatedRow =
        "INSERT INTO directus_activity (action, \"timestamp\", collection, item) VALUES ('create', now(), 'a', 'x')"

    /// A statement that says that one user has deleted so many articles.
    static func deletion(_ count: Int, ago: String = "0 seconds") -> String {
        """
        INSERT INTO directus_activity (action, "timestamp", "user", ip, collection, item)
        SELECT 'delete', now() - '\(ago)'::interval, '\(deleter)', '198.51.100.9', 'articles', n::text
        FROM generate_series(1, \(count)) AS n
        """
    }

    func delete(_ count: Int, ago: String = "0 seconds") async throws {
        try await execute(Self.deletion(count, ago: ago))
    }
}
