import Activity
import Testing

@testable import ActivityDaemon
@testable import Pipeline

/// The lines of `activityd top`.
@Suite struct TopScreenTests {
    private static let begin = ContinuousClock.now

    private static func reading(requests: Int64, after seconds: Int = 0) -> TopReading {
        var reading = TopReading(time: "2026-11-28T12:00:10Z", instant: begin + .seconds(seconds))
        reading.feed = TopReading.Feed(rows: 1030, behind: 7, idleSeconds: 1.9)
        reading.requests = TopReading.Requests(hits: requests, misses: 0, hitRate: "100.00%")
        reading.health = DaemonHealth(
            message: "Activity service is healthy",
            components: [
                "precompute": DaemonHealth.Component(
                    status: "up",
                    generation: 12,
                    computedAt: "2026-11-28T12:00:07Z",
                    lastRefresh: DaemonHealth.Refresh(documents: 61, total: 0.0441),
                ),
                "redis": DaemonHealth.Component(status: "down", detail: "not reachable"),
                "postgres": DaemonHealth.Component(status: "up"),
            ],
            process: DaemonHealth.Process(residentBytes: 50 << 20, uptimeSeconds: 7300),
        )
        return reading
    }

    private static func alert(_ subject: String) -> AlertCatalog.Alert {
        AlertCatalog.Alert(
            occurrenceId: "a",
            fingerprint: "b",
            rule: "mass-delete",
            alertType: "MASS_DELETE",
            severity: "high",
            status: "firing",
            subject: subject,
            reason: "",
            startsAt: "2026-11-28T11:00:00Z",
            updatedAt: "2026-11-28T11:00:00Z",
            published: 1,
        )
    }

    @Test func saysHowEverythingIs() {
        #expect(
            TopScreen(Self.reading(requests: 100)).lines == [
                "activityd 2026-11-28T12:00:10Z, Activity service is healthy, up 2 h, 50 MiB",
                "feed        1030 rows fed, 7 ids behind, fed 1 s ago",
                "generation  number 12, computed 3 s ago, 61 documents in 44 ms",
                "stores      postgres up, redis down (not reachable)",
                "requests    100, 100.00% from memory",
            ]
        )
    }

    @Test func countsRequestsASecond() {
        let before = Self.reading(requests: 100)
        let lines = TopScreen(Self.reading(requests: 400, after: 2), after: before).lines
        #expect(lines.last == "requests    400, 150/s, 100.00% from memory")
        let anew = TopScreen(Self.reading(requests: 3, after: 2), after: before).lines
        #expect(anew.last == "requests    3, 100.00% from memory", "a daemon that started anew")
    }

    @Test func leavesOutWhatDoesNotFit() {
        let lines = TopScreen(Self.reading(requests: 1)).lines(columns: 20, rows: 2)
        #expect(lines == ["activityd 2026-11-28", "feed        1030 row"])
    }

    @Test func namesInAlertsCannotSteerTheTerminal() {
        var reading = Self.reading(requests: 1)
        reading.alerts = [Self.alert("collection \u{1B}[2J\r\nb\u{202E}c")]
        let lines = TopScreen(reading).lines
        #expect(lines.last == "2026-11-28T11:00:00Z  firing  high      collection ?[2J?b?c")
    }

    @Test func namesWhatCouldNotBeRead() {
        var reading = TopReading(time: "2026-11-28T12:00:10Z", instant: Self.begin)
        reading.troubles = ["127.0.0.1:3000: nobody answers"]
        #expect(
            TopScreen(reading).lines == [
                "activityd 2026-11-28T12:00:10Z", "trouble  127.0.0.1:3000: nobody answers",
            ]
        )
    }
}
