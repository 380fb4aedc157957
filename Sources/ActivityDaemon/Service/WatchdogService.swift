import AsyncAlgorithms
import Logging
import ServiceLifecycle
import Systemd

/// Feeds the watchdog of the service manager for as long as all parts turn; otherwise the manager kills and restarts the
/// daemon.
struct WatchdogService: Service {
    let vitals: Vitals
    /// `WatchdogSec=`; nil when the manager keeps no watch.
    let interval: Duration?
    let notices: ServiceNotices
    let health: HealthBoard
    let logger: Logger

    /// Fed so many times in the interval, so that one that is late does no harm.
    private static let feedings = 3
    private static let longestPause = Duration.seconds(5)

    func run() async {
        guard let interval else {
            // A service that returns ends the daemon.
            try? await gracefulShutdown()
            return
        }
        await cancelWhenGracefulShutdown {
            var watchdog = Watchdog()
            look(&watchdog)
            for await _ in AsyncTimerSequence(
                interval: min(interval / Self.feedings, Self.longestPause),
                clock: .suspending,
            ) {
                look(&watchdog)
            }
        }
    }

    /// Looks once.
    func look(_ watchdog: inout Watchdog, at now: SuspendingClock.Instant = .now) {
        let silent = vitals.silentParts(at: now)
        let (feeds, news) = watchdog.look(at: silent)
        if feeds { notices.tell { _ in [.watchdog] } }
        switch news {
        case .silent(let parts):
            logger.critical(
                KnownMessage.watchdogWithheld.text,
                metadata: ["watchdog.silent": "\(parts.joined(separator: ", "))"],
            )
        case .recovered: logger.notice(KnownMessage.watchdogResumed.text)
        case nil: break
        }
        health.record(silentParts: silent)
    }
}
