import Endpoint
import PostgresClient

/// The parts of the daemon without which it is dead, and whether each of them still turns.
///
/// A part that waits for a store which is down turns all the same: it tries again.
struct Vitals: Sendable {
    let feed: Pulse
    let scheduler: Pulse
    let eventLoops: EventLoopProbe

    /// How long an event loop may be busy with one thing.
    static let eventLoopPatience = Duration.seconds(20)

    /// Asks the event loops again, and names the parts that are silent.
    func silentParts(at now: SuspendingClock.Instant = .now) -> [String] {
        let silence = eventLoops.silence(at: now)
        eventLoops.ask(at: now)
        return [
            feed.isSilent(at: now) ? "feed" : nil,
            scheduler.isSilent(at: now) ? "scheduler" : nil,
            silence > Self.eventLoopPatience ? "endpoint" : nil,
        ].compactMap(\.self)
    }
}
