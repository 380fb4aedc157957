import Foundation
import FoundationNetworking
import PostgresClient
import RedisClient
import TestServers
import Testing

/// `/metrics` of a whole daemon, and what is made of it in `deploy`.
@Suite(.serialized) struct MetricsDaemonTests {
    private static let schema = """
        CREATE TABLE directus_activity (
            id serial PRIMARY KEY, action varchar(45) NOT NULL, "user" uuid,
            "timestamp" timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP, ip varchar(50), user_agent text,
            collection varchar(64) NOT NULL, item varchar(255) NOT NULL, origin varchar(255)
        );
        CREATE INDEX ON directus_activity ("timestamp");
        """

    private static func rows(_ count: Int) -> String {
        """
        INSERT INTO directus_activity (action, "timestamp", ip, collection, item)
        SELECT 'create', date_trunc('hour', now()) - n * interval '1 minute', '10.0.0.' || n % 100, 'c' || n % 9, 'x'
        FROM generate_series(1, \(count)) AS n
        """
    }

    private static let project = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../..").standardized

    /// A daemon that has done most of what there are metrics for.
    private static func withDaemon(
        settings: [String] = [],
        _ body: (DaemonProcess, PostgresClient, RedisServer) async throws -> Void,
    ) async throws {
        let server = try await PostgresServer.shared
        let database = server.connectionString(database: try await server.createDatabase())
        let client = PostgresClient(PostgresConfiguration(connectionString: database))
        _ = try await client.withConnection { try await $0.execute(script: schema + rows(1000)) }
        let redis = try await RedisServer.start()
        let daemon = try DaemonProcess(
            database: database,
            redis: redis.url,
            settings: ["jobs.ingest.schedule=1 seconds", "jobs.precompute.schedule=1 seconds"] + settings,
        )
        try await daemon.waitUntilReady()
        try await body(daemon, client, redis)
        #expect(await daemon.terminate() == 0)
        await client.close()
        await redis.stop()
    }

    @Test func tellsWhatWasDone() async throws {
        try await Self.withDaemon { daemon, client, redis in
            _ = try await client.withConnection { connection in
                // Drift of an hour that is closed, and an attack on an account.
                try await connection.execute(
                    script: """
                        DELETE FROM directus_activity WHERE id = 100;
                        INSERT INTO directus_activity (action, "user", ip, collection, item)
                        SELECT 'delete', '11111111-1111-4111-8111-111111111111', '203.0.113.9', 'articles', n
                        FROM generate_series(1, 30) AS n;
                        INSERT INTO activity.detector_failure (detector, reason) VALUES ('volume', 'a test');
                        """
                )
            }
            let run = try await daemon.send("/api/jobs/reconcile/run", method: "POST")
            #expect(run?.status == 202)
            #expect((run?.body["run"] as? [String: Any])?["job"] as? String == "reconcile")
            #expect(try await daemon.send("/api/jobs/nothing/run", method: "POST")?.status == 404)
            #expect(try await daemon.get("/metrics")?.status == 404)
            try await eventually("the drift is repaired") {
                try await Scrape(daemon)?["activityd_drift_repairs_total{cause=\"deleted\"}"] == 1
            }
            try await eventually("the alert fires") {
                let scrape = try await Scrape(daemon)
                return scrape?["activityd_alerts_firing{type=\"MASS_DELETE\",severity=\"high\"}"] == 1
                    && scrape?["activityd_relay_events_total"] ?? 0 > 0
            }
            let scrape = try #require(try await Scrape(daemon))
            #expect(scrape.type == "text/plain; version=0.0.4; charset=utf-8")
            #expect(scrape["activityd_feed_rows_total"] == 1030.0)
            #expect(scrape["activityd_feed_last_id"] == 1030.0)
            #expect(scrape["activityd_detectors_off"] == 1)
            #expect(
                scrape["activityd_alert_events_total{type=\"MASS_DELETE\",severity=\"high\",event=\"firing\"}"] == 1
            )
            #expect(scrape["activityd_job_runs_total{job_name=\"reconcile\",status=\"succeeded\"}"] == 1)
            #expect(scrape["activityd_job_runs_total{job_name=\"reconcile\",status=\"failed\"}"] == 0)
            #expect(scrape["activityd_http_requests_total{route=\"/api/jobs/:name/run\",status=\"2xx\"}"] == 1)
            #expect(scrape["activityd_http_requests_total{route=\"other\",status=\"4xx\"}"] == 1)
            #expect(scrape["activityd_component_up{component=\"redis\"}"] == 1)
            #expect(scrape["activityd_process_resident_memory_bytes"] ?? 0 > 1_000_000)
            #expect(scrape["activityd_process_cpu_seconds_total"] ?? 0 > 0)
            #expect(scrape["activityd_process_open_fds"] ?? 0 > 10)
            let age = Date().timeIntervalSince1970 - (scrape["activityd_feed_last_batch_timestamp_seconds"] ?? 0)
            #expect(-1 < age && age < 10)
            try await Self.check(scrape)
            try await Self.checkNames(in: scrape)
            let open = try #require(try await Scrape(daemon, accept: "application/openmetrics-text;version=1.0.0"))
            #expect(open.type == "application/openmetrics-text; version=1.0.0; charset=utf-8")
            #expect(open.text.hasSuffix("\n# EOF\n"))

            await redis.kill9()
            try await eventually("redis is down") {
                try await Scrape(daemon)?["activityd_component_up{component=\"redis\"}"] == 0
            }
            try await redis.startAgain()
        }
    }

    @Test func theAdminListenerCanBeSwitchedOffAndWantsTokens() async throws {
        try await Self.withDaemon(settings: ["http.adminListen="]) { daemon, _, _ in
            #expect(daemon.lines.filter { $0.contains("http.listener=") }.count == 1)
            #expect(daemon.adminPort == nil)
        }
        let token = "a:ingest:\(String(repeating: "0", count: 64))"
        try await Self.withDaemon(settings: ["http.tokens=\(token)"]) { daemon, _, _ in
            let port = try #require(daemon.adminPort)
            let url = try #require(URL(string: "http://127.0.0.1:\(port)/metrics"))
            let (_, response) = try await URLSession.shared.data(from: url)
            #expect((response as? HTTPURLResponse)?.statusCode == 401)
        }
    }

    @Test func rulesForPrometheusHoldWhatTheySay() async throws {
        let folder = Self.project.appending(path: "deploy/prometheus").path
        for arguments in [
            ["check", "config", "\(folder)/prometheus.yml"], ["check", "rules", "\(folder)/activityd.rules.yml"],
            ["test", "rules", "\(folder)/activityd.rules.test.yml"],
        ] {
            _ = try await Subprocess.run(["promtool"] + arguments)
        }
    }

    /// Prometheus's own opinion of the format and of names.
    private static func check(_ scrape: Scrape) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "activityd-\(UUID().uuidString).metrics")
        defer { try? FileManager.default.removeItem(at: file) }
        try scrape.text.write(to: file, atomically: true, encoding: .utf8)
        let output = try await Subprocess.run(["sh", "-c", "promtool check metrics <\(file.path) 2>&1"])
        #expect(output == "")
    }

    /// What dashboard and rules ask for is there.
    private static func checkNames(in scrape: Scrape) async throws {
        for path in ["grafana/activityd.json", "prometheus/activityd.rules.yml"] {
            let text = try String(contentsOf: project.appending(path: "deploy/\(path)"), encoding: .utf8)
            let names = Set(text.matches(of: /activityd_[a-z_]+/).map { String($0.output) })
            #expect(names.count > 10)
            #expect(names.subtracting(scrape.names) == [], "in deploy/\(path)")
        }
    }
}
