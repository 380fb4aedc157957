import Glibc
import Synchronization
import Systemd

/// Where records go: lines on standard error, or entries of the journal.
enum LogOutput: Sendable, Equatable {
    case text
    case json
    case journal

    /// Keeps lines of several threads apart.
    private static let standardError = Mutex(())

    /// The output for a format. Where there is no journal, its entries would be lost, so they become text.
    init(
        _ format: DaemonConfiguration.Log.Format,
        isJournalReachable: Bool = Journal.isReachable,
        isStandardErrorJournal: Bool = Journal.isStandardError,
    ) {
        switch format {
        case .text: self = .text
        case .json: self = .json
        case .journal: self = isJournalReachable ? .journal : .text
        case .automatic: self = isJournalReachable && isStandardErrorJournal ? .journal : .text
        }
    }

    func write(_ record: LogRecord) {
        switch self {
        case .text: Self.writeLine(record.text(at: Clock.now))
        case .json: Self.writeLine(record.json(at: Clock.now))
        case .journal:
            // What the journal refuses is better a line than nothing.
            if Journal.send(record.journalFields) != 0 { Self.writeLine(record.text(at: Clock.now)) }
        }
    }

    private static func writeLine(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        standardError.withLock { _ in
            _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
        }
    }
}
