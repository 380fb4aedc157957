import Dispatch
import Endpoint
import NIOCore
import NIOPosix
import PostgresClient
import Synchronization
import Systemd
import TestServers
import Testing

@testable import ActivityDaemon

@Suite(.timeLimit(.minutes(1))) struct WatchdogTests {
    /// Parts of a daemon, and what the service manager hears of them.
    private struct Setting {
        let vitals: Vitals
        let sent = Sent()
        let lines = LogLines()
        let health = HealthBoard()
        private var watchdog = Watchdog()

        init(_ group: any EventLoopGroup, patience: Duration = .seconds(3600)) {
            vitals = Vitals(
                feed: Pulse(patience: patience),
                scheduler: Pulse(patience: patience),
                eventLoops: EventLoopProbe(group),
            )
        }

        mutating func look(at now: SuspendingClock.Instant = .now) {
            let service = WatchdogService(
                vitals: vitals,
                interval: .seconds(1),
                notices: ServiceNotices(send: sent.add),
                health: health,
                logger: lines.logger(),
            )
            service.look(&watchdog, at: now)
        }
    }

    private final class Sent: Sendable {
        private let states = Mutex<[ServiceState]>([])
        var feedings: Int { states.withLock { $0.count { $0 == .watchdog } } }
        @Sendable func add(_ more: [ServiceState]) { states.withLock { $0 += more } }
    }

    private static let group = MultiThreadedEventLoopGroup.singleton

    @Test func isFedWhileAllTurn() async throws {
        var setting = Setting(Self.group)
        for count in 1...3 {
            setting.vitals.feed.beat()
            setting.vitals.scheduler.rest(until: .now + .seconds(1))
            setting.look()
            #expect(setting.sent.feedings == count)
        }
        #expect(setting.lines.all.isEmpty)
    }

    /// The daemon's loops while PostgreSQL is away: tried, failed, waiting until they try again.
    @Test func isFedWithoutStores() async throws {
        let postgres = PostgresClient(PostgresConfiguration(connectionString: "host=/nowhere"))
        var setting = Setting(Self.group, patience: .seconds(30))
        for _ in 1...3 {
            let pulse = setting.vitals.scheduler
            pulse.beat()
            await Pulse.$current.withValue(pulse) {
                await #expect(throws: PostgresError.self) { _ = try await postgres.query("SELECT 1") }
            }
            pulse.rest(until: .now + .seconds(5))
            setting.look()
        }
        #expect(setting.sent.feedings == 3)
        await postgres.close()
    }

    @Test(arguments: ["feed", "scheduler"])
    func isWithheldWhenALoopDoesNotTurn(_ name: String) async throws {
        var setting = Setting(Self.group, patience: .seconds(30))
        let pulse = name == "feed" ? setting.vitals.feed : setting.vitals.scheduler
        let start = SuspendingClock.now
        pulse.beat(at: start)
        setting.look(at: start)
        #expect(setting.sent.feedings == 1)
        let probe = setting.vitals.eventLoops
        for _ in 1...3 {
            try await eventually("the event loops have answered") { probe.silence() == .zero }
            setting.look(at: start + .seconds(31))
        }
        #expect(setting.sent.feedings == 1)
        #expect(setting.lines.all == ["watchdog withheld"])
        #expect(setting.health.statusLine.hasPrefix("\(name) does not turn"))
        pulse.beat(at: start + .seconds(31))
        try await eventually("the event loops have answered") { probe.silence() == .zero }
        setting.look(at: start + .seconds(31))
        #expect(setting.sent.feedings == 2)
        #expect(setting.lines.all == ["watchdog withheld", "watchdog is fed again"])
        #expect(setting.health.statusLine == "starting")
    }

    @Test func forgetsPartsThatTurnAgain() async throws {
        var setting = Setting(Self.group, patience: .seconds(30))
        let start = SuspendingClock.now
        setting.vitals.feed.beat(at: start)
        setting.vitals.scheduler.beat(at: start)
        setting.look(at: start)
        let probe = setting.vitals.eventLoops
        try await eventually("the event loops have answered") { probe.silence() == .zero }
        setting.look(at: start + .seconds(31))
        #expect(setting.health.statusLine.hasPrefix("feed, scheduler does not turn"))
        setting.vitals.scheduler.beat(at: start + .seconds(31))
        try await eventually("the event loops have answered") { probe.silence() == .zero }
        setting.look(at: start + .seconds(31))
        #expect(setting.health.statusLine.hasPrefix("feed does not turn"))
    }

    @Test func isWithheldWhenAnEventLoopIsBlocked() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let gate = DispatchSemaphore(value: 0)
        group.any().execute { gate.wait() }
        var setting = Setting(group)
        let start = SuspendingClock.now
        // Asks for the first time, so nobody owes an answer yet.
        setting.look(at: start)
        #expect(setting.sent.feedings == 1)
        setting.look(at: start + .seconds(21))
        #expect(setting.sent.feedings == 1)
        #expect(setting.lines.all == ["watchdog withheld"])
        #expect(setting.health.statusLine.hasPrefix("endpoint does not turn"))
        gate.signal()
        let probe = setting.vitals.eventLoops
        try await eventually("the loop has answered") { probe.silence() == .zero }
        setting.look(at: start + .seconds(22))
        #expect(setting.sent.feedings == 2)
        try await group.shutdownGracefully()
    }

    @Test func namesEachPartOnce() {
        var watchdog = Watchdog()
        let looks: [(silent: [String], feeds: Bool, news: Watchdog.News?)] = [
            ([], true, nil), (["feed"], false, .silent(["feed"])), (["feed"], false, nil),
            (["feed", "endpoint"], false, .silent(["endpoint"])), (["endpoint"], false, nil), ([], true, .recovered),
            ([], true, nil),
        ]
        for look in looks {
            let (feeds, news) = watchdog.look(at: look.silent)
            #expect(feeds == look.feeds && news == look.news, "\(look)")
        }
    }
}
