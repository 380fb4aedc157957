import Logging
import Testing

@testable import ActivityDaemon

struct LogOutputTests {
    @Test(
        arguments: [
            (.automatic, true, true, .journal), (.automatic, true, false, .text), (.automatic, false, true, .text),
            (.journal, true, false, .journal), (.journal, false, false, .text),
            (.text, true, true, .text), (.json, true, true, .json),
        ] as [(DaemonConfiguration.Log.Format, Bool, Bool, LogOutput)]
    )
    func isWhatReachesSomebody(
        _ format: DaemonConfiguration.Log.Format,
        _ isReachable: Bool,
        _ isStandardError: Bool,
        _ output: LogOutput,
    ) {
        #expect(
            LogOutput(format, isJournalReachable: isReachable, isStandardErrorJournal: isStandardError) == output
        )
    }

    @Test func levelsChangeForAllLoggersButThoseWithTheirOwn() {
        let level = LiveLogLevel(.info)
        let logger = Logger(label: "test") { DaemonLogHandler(label: $0, format: .text, level: level) }
        var quiet = logger
        quiet.logLevel = .warning
        #expect(logger.logLevel == .info)
        level.set(.trace)
        #expect(logger.logLevel == .trace)
        #expect(quiet.logLevel == .warning)
        for other in Logger.Level.allCases {
            level.set(other)
            #expect(level.value == other)
        }
    }
}
