import Systemd

/// What the service manager has been told of the daemon's life, and what it has to be told next.
///
///     starting ─becomeReady→ running ─beginReload→ reloading ─endReload→ running
///         └──────────────────────┴───── stop ──────────┴──────────────→ stopping
///
/// Each method returns the message to send now, which may be empty.
struct ServiceLife: Sendable {
    typealias Instant = ContinuousClock.Instant

    enum Phase: Sendable, Hashable {
        case starting, running, reloading, stopping
    }

    private(set) var phase = Phase.starting
    private var shown: String?
    private var shownAt: Instant?
    private var extendedAt: Instant?

    /// The status is told no more often.
    private static let pace = Duration.seconds(1)
    /// How much time is asked for at once; asked for again at each pace.
    private static let moreTime = Duration.seconds(10)

    /// The daemon can serve.
    mutating func becomeReady(_ status: String, at now: Instant = .now) -> [ServiceState] {
        guard phase == .starting else { return [] }
        phase = .running
        return [.ready] + tell(status, at: now)
    }

    /// The configuration is being read again. Before the start is complete nothing is said of it, since the `READY=1` that
    /// ends a reload would end the start.
    mutating func beginReload() -> [ServiceState] {
        guard phase == .running else { return [] }
        phase = .reloading
        return [.reloadingNow]
    }

    /// The configuration has been read or refused.
    mutating func endReload(_ status: String, at now: Instant = .now) -> [ServiceState] {
        guard phase == .reloading else { return [] }
        phase = .running
        return [.ready] + tell(status, at: now)
    }

    /// The daemon ends.
    mutating func stop(_ status: String, at now: Instant = .now) -> [ServiceState] {
        guard phase != .stopping else { return tell(status, at: now) }
        phase = .stopping
        extendedAt = now
        return [.stopping, .extendTimeout(Self.moreTime)] + tell(status, at: now)
    }

    /// Shows how the daemon is, when that has changed and the last time is long enough ago.
    mutating func show(_ status: String, at now: Instant = .now) -> [ServiceState] {
        guard status != shown, shownAt.map({ $0.duration(to: now) >= Self.pace }) ?? true else { return [] }
        return tell(status, at: now)
    }

    /// Asks for more time while the start or the stop gets on.
    mutating func extend(at now: Instant = .now) -> [ServiceState] {
        guard phase == .starting || phase == .stopping,
            extendedAt.map({ $0.duration(to: now) >= Self.pace }) ?? true
        else { return [] }
        extendedAt = now
        return [.extendTimeout(Self.moreTime)]
    }

    private mutating func tell(_ status: String, at now: Instant) -> [ServiceState] {
        (shown, shownAt) = (status, now)
        return [.status(status)]
    }
}
