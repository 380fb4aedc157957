import Activity
import Foundation
import Logging
import Systemd
import Testing

@testable import ActivityDaemon

struct LogRecordTests {
    private static let epoch = Timestamp(microseconds: 0)

    private func record(_ message: String, _ metadata: Logger.Metadata, level: Logger.Level = .info) -> LogRecord {
        LogRecord(label: "test", level: level, message: message, metadata: metadata)
    }

    private func entry(_ record: LogRecord) -> [String: String] {
        Dictionary(uniqueKeysWithValues: record.journalFields.map { ($0.name, $0.value) })
    }

    @Test func writesTextForPeople() {
        #expect(
            record("fed", ["feed.rows": "7", "note": "two words", "quote": "a\"b"]).text(at: Self.epoch)
                == "1970-01-01T00:00:00Z info fed feed.rows=7 note=\"two words\" quote=\"a\\\"b\""
        )
    }

    @Test func writesJSONForCollectors() throws {
        let text = record("a \"quoted\" \\ message", ["error": "x"]).json(at: Self.epoch)
        let object = try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
        #expect(object["message"] == "a \"quoted\" \\ message")
        #expect(object["error"] == "x")
        #expect(object["logger"] == "test")
    }

    /// A mark that joins a quotation mark, a backslash or a blank makes another character of it.
    @Test(arguments: ["\u{301}", "\u{200D}", "\u{FE0F}"])
    func takesNothingForTheEndOfAText(_ mark: String) throws {
        let name = "x\"\(mark),\"level\":\"info\" \(mark)\\\(mark)"
        let record = record("failed", ["alert.subject": "\(name)"], level: .error)
        let object = try JSONDecoder().decode([String: String].self, from: Data(record.json(at: Self.epoch).utf8))
        #expect(object["alert.subject"] == name)
        #expect(object["level"] == "error")
        let blank = self.record("failed", ["alert.subject": "\("a \(mark)level=info")"])
        #expect(blank.text(at: Self.epoch).hasSuffix("alert.subject=\"a \(mark)level=info\""))
    }

    @Test func writesAnEntryForTheJournal() {
        let metadata: Logger.Metadata = [
            "job.name": "cron:7", "job.nominalAt": "now", "reason": "two words", "http.requestID": "r", "näme": "x",
        ]
        #expect(
            entry(record("job failed", metadata, level: .warning)) == [
                "MESSAGE": "job failed http.requestID=r job.name=cron:7 job.nominalAt=now näme=x reason=\"two words\"",
                "PRIORITY": "4", "SYSLOG_IDENTIFIER": "test", "MESSAGE_ID": KnownMessage.jobFailed.id,
                "ACTIVITYD_JOB": "cron:7", "ACTIVITYD_JOB_NOMINAL_AT": "now", "ACTIVITYD_REASON": "two words",
                "ACTIVITYD_HTTP_REQUEST_ID": "r",
            ]
        )
    }

    @Test func givesOnlyKnownMessagesAnID() {
        #expect(entry(record("fed", [:]))["MESSAGE_ID"] == nil)
        for message in KnownMessage.allCases {
            #expect(entry(record(message.rawValue, [:]))["MESSAGE_ID"] == message.id)
        }
    }

    @Test(arguments: [
        (Logger.Level.trace, "7"), (.debug, "7"), (.info, "6"), (.notice, "5"), (.warning, "4"), (.error, "3"),
        (.critical, "2"),
    ])
    func hasThePriorityOfSyslog(_ level: Logger.Level, _ priority: String) {
        #expect(entry(record("fed", [:], level: level))["PRIORITY"] == priority)
    }

    @Test(arguments: [
        ("feed.totalRows", "ACTIVITYD_FEED_TOTAL_ROWS"), ("alert.occurrence", "ACTIVITYD_ALERT_ID"),
        ("job.name", "ACTIVITYD_JOB"), ("store.name", "ACTIVITYD_STORE"), ("error", "ACTIVITYD_ERROR"),
        ("feed.lastID", "ACTIVITYD_FEED_LAST_ID"),
        ("configuration.needsRestart", "ACTIVITYD_CONFIGURATION_NEEDS_RESTART"),
    ])
    func namesFields(_ key: String, _ name: String) {
        #expect(LogRecord.fieldName(key) == name)
    }

    @Test func writesSeveralLinesAsOneThatCanBeRead() {
        #expect(
            record("refused", ["error": "2 problems\n  first\r\n\n  second\u{7}\n"]).text(at: Self.epoch)
                == "1970-01-01T00:00:00Z info refused error=\"2 problems; first; second\u{FFFD}\""
        )
        #expect(record("refused", ["error": "a\nb"]).sentence == "refused error=\"a; b\"")
        #expect(record("one\ntwo", [:]).json(at: Self.epoch).contains(#""message":"one; two""#))
    }

    @Test func letsNoControlCharacterThrough() {
        let record = record("one\ntwo", ["error": "\u{1B}[2J\r\u{0}\u{9B}31m\u{85}\u{2028}x"])
        let texts =
            [record.text(at: Self.epoch), record.json(at: Self.epoch)] + record.journalFields.map(\.value)
        for text in texts {
            #expect(text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
            #expect(text.allSatisfy { !$0.isNewline })
        }
    }

    /// What is shown of the configuration at debug goes to the journal, too.
    @Test func showsNoSecret() {
        var configuration = DaemonConfiguration()
        configuration.database.password = "hunter2"
        configuration.redis.url = "redis://:hunter2@cache"
        for line in configuration.redactedDescription.split(separator: "\n") {
            let record = record("configuration", ["setting": "\(line)"])
            #expect(!record.journalFields.contains { $0.value.contains("hunter2") })
        }
    }
}
