import Pipeline
import PostgresClient
import RedisClient

/// Why a part of the daemon is down.
struct Trouble: Sendable {
    /// All that the error says, with names of hosts, roles and sockets: for the log and the status line only.
    let text: String
    /// What kind of trouble it is and nothing of the inside: `/api/health` tells it to readers without a token.
    let summary: String
    /// Whether the store is out of reach, and does not merely refuse something.
    let isLoss: Bool

    init(_ error: any Error) {
        text = "\(error)"
        isLoss =
            switch error {
            case let error as PostgresError: error.isLoss
            case let error as RedisError: error.code.isLoss
            default: false
            }
        summary =
            switch error {
            case let error as PostgresError: "PostgreSQL \(error.code.summary)"
            case let error as RedisError: "Redis \(error.code.summary)"
            // Constant texts, without values.
            case let error as ReplicaError: error.description
            default: "failed; the daemon's log says why"
            }
    }
}

extension PostgresError {
    fileprivate var isLoss: Bool {
        switch code {
        case .connectionFailed, .connectionLost, .timedOut: true
        case .server: sqlState?.isOfServerThatIsAway ?? false
        case .cancelled, .decodingFailed, .poolClosed, .misuse, .unexpectedAnswer: false
        }
    }
}

extension PostgresError.Code {
    fileprivate var summary: String {
        switch self {
        case .connectionFailed: "cannot be reached"
        case .connectionLost: "ended the connection"
        case .server: "refused what was asked; the daemon's log says why"
        case .timedOut: "did not answer in time"
        case .cancelled, .poolClosed: "was not waited for"
        case .decodingFailed, .misuse, .unexpectedAnswer: "was not understood; the daemon's log says why"
        }
    }
}

extension String {
    /// SQLSTATE classes 53 (insufficient resources) and 57 (operator intervention, such as a shutdown).
    fileprivate var isOfServerThatIsAway: Bool { hasPrefix("53") || hasPrefix("57P") }
}

extension RedisError.Code {
    fileprivate var isLoss: Bool {
        switch self {
        case .notConnected, .connectionFailed, .connectionLost, .authenticationFailed, .timedOut: true
        case .cancelled, .server, .protocolViolation, .invalidURL, .subscriberTooSlow: false
        }
    }

    fileprivate var summary: String {
        switch self {
        case .notConnected, .connectionFailed: "cannot be reached"
        case .connectionLost: "ended the connection"
        case .authenticationFailed: "refused the login"
        case .timedOut: "did not answer in time"
        case .cancelled: "was not waited for"
        case .server: "refused what was asked; the daemon's log says why"
        case .protocolViolation, .invalidURL, .subscriberTooSlow: "was not understood; the daemon's log says why"
        }
    }
}
