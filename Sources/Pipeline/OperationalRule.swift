package import Detection

/// Rules about the daemon itself.
package enum OperationalRule: String, Sendable, CaseIterable {
    case jobFailed = "job-failed"
    case jobMissed = "job-missed"
    case dataStale = "data-stale"
    case drift
    case detectorFailed = "detector-failed"

    /// As findings name it.
    package var rule: Finding.Rule { Finding.Rule(name: rawValue, version: 1) }

    /// What kind of alert it makes.
    package var alertType: String {
        switch self {
        case .jobFailed: "JOB_FAILED"
        case .jobMissed: "JOB_MISSED"
        case .dataStale: "DATA_STALE"
        case .drift: "DRIFT"
        case .detectorFailed: "DETECTOR_FAILED"
        }
    }

    /// How urgent it is.
    package var severity: Severity {
        switch self {
        case .jobFailed: .medium
        case .jobMissed, .drift: .low
        case .dataStale, .detectorFailed: .high
        }
    }
}
