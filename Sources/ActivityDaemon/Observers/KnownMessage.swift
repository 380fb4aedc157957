package import Logging

/// Messages by which programs and people find what happened: each has an id in the journal (`MESSAGE_ID`, for
/// `journalctl MESSAGE_ID=…`) and an entry in `deploy/systemd/activityd.catalog` (for `journalctl -x`).
///
/// The raw value is the text of the message. An id never changes and is never used again.
package enum KnownMessage: String, CaseIterable, Sendable {
    case ready = "ready"
    case stopping = "stopping"
    case reloaded = "configuration reloaded"
    case reloadRefused = "configuration refused, nothing changed"
    case storeLost = "store lost"
    case storeBack = "store is back"
    case migrated = "schema migrated"
    case caughtUp = "feed caught up"
    case alert = "alert"
    case alertResolved = "alert resolved"
    case detectorFailed = "detector failed and is off"
    case alertsLost = "redis has lost alerts, which are written to its stream again"
    case drifted = "facts had drifted and were repaired"
    case jobFailed = "job failed"
    case jobRecovered = "job recovered"
    case slotsMissed = "slots missed"
    case runTakenOver = "another daemon took this run over"
    case runExpired = "run ended, since its daemon gave no more signs of life"
    case clockSet = "the server's clock was set"
    case watchdogWithheld = "watchdog withheld"
    case watchdogResumed = "watchdog is fed again"

    /// For a logger.
    package var text: Logger.Message { "\(rawValue)" }

    /// 32 hexadecimal digits, as in `MESSAGE_ID`.
    package var id: String {
        switch self {
        case .ready: "51e968d87a3b48b7a6ae2de95d2a8c62"
        case .stopping: "fbfe8788b8834c6f99bdb4b7903fb82a"
        case .reloaded: "c34792bfcee34e599c213134d029b949"
        case .reloadRefused: "7e7f2279f65642a696c81f73211164e4"
        case .storeLost: "e3812243b939426f98368558e3191342"
        case .storeBack: "73bf44d9324c436b889b415f53cceec4"
        case .migrated: "d3448cc9715d471fb7c7bb9e4b6bd4d9"
        case .caughtUp: "10a53ef54c7749eab928df7ad3f6f57c"
        case .alert: "315fd5ebd754494bbb497a1ad70d9cf9"
        case .alertResolved: "9fd4b0808d2d461fbda1c726eca907f9"
        case .detectorFailed: "a7355ccefd0940799cae62c55c08e69d"
        case .alertsLost: "1f55fa9a8cb14d57a9ebf60e17e1ea36"
        case .drifted: "6a77ae50bdaf4901a2e8fa268896ae3b"
        case .jobFailed: "b310e4c8380c46d5b3f632a7890e6bd0"
        case .jobRecovered: "5c761f0969bf477db947892b148c5e88"
        case .slotsMissed: "e685e11c3c284bd9bb7c508cb9ab699f"
        case .runTakenOver: "d2098f1fd2e74b38b7cda0f436fe3598"
        case .runExpired: "a5a3ef0775fc4bb8b6d1089fd6ae602d"
        case .clockSet: "0b087e6f39b6408b95e75c3cbc599031"
        case .watchdogWithheld: "cc729b55aca646e2b9b61448fc00fed0"
        case .watchdogResumed: "30b16a99d0b7409c965bba689aba8d95"
        }
    }
}
