import Activity
import Foundation
import Logging
import Testing

@testable import ActivityDaemon

struct LineLogHandlerTests {
    @Test func writesTextForPeople() {
        #expect(
            line(.text, "fed", ["feed.rows": "7", "note": "two words", "quote": "a\"b"])
                == "1970-01-01T00:00:00Z info fed feed.rows=7 note=\"two words\" quote=\"a\\\"b\""
        )
    }

    @Test func writesJSONForCollectors() throws {
        let text = line(.json, "a \"quoted\" \\ message", ["error": "x"])
        let object = try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
        #expect(object["message"] == "a \"quoted\" \\ message")
        #expect(object["error"] == "x")
        #expect(object["logger"] == "test")
    }

    @Test func writesSeveralLinesAsOneThatCanBeRead() {
        #expect(
            line(.text, "refused", ["error": "2 problems\n  first\r\n\n  second\u{7}\n"])
                == "1970-01-01T00:00:00Z info refused error=\"2 problems; first; second\u{FFFD}\""
        )
        #expect(line(.text, "refused", ["error": "a\nb"]).hasSuffix(" error=\"a; b\""))
        #expect(line(.json, "one\ntwo", [:]).contains(#""message":"one; two""#))
    }

    @Test(arguments: DaemonConfiguration.Log.Format.allCases)
    func letsNoControlCharacterThrough(format: DaemonConfiguration.Log.Format) {
        let text = line(format, "one\ntwo", ["error": "\u{1B}[2J\r\u{0}"])
        #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F })
    }

    private func line(
        _ format: DaemonConfiguration.Log.Format,
        _ message: Logger.Message,
        _ metadata: Logger.Metadata,
    ) -> String {
        let handler = LineLogHandler(label: "test", format: format, level: .info)
        let event = LogEvent(
            level: .info,
            message: message,
            metadata: metadata,
            source: "",
            file: #fileID,
            function: #function,
            line: #line,
        )
        return handler.line(for: event, at: Timestamp(microseconds: 0))
    }
}
