import Activity
package import Logging

/// A message that was logged, ready to be written somewhere.
///
/// Line breaks become `; ` and other control characters never reach it, whatever a database or a client sent.
package struct LogRecord: Sendable {
    /// The name of the logger.
    let label: String
    let level: Logger.Level
    /// Constant for each kind of message.
    let message: String
    /// What was said with it, by key.
    let fields: [(key: String, value: String)]

    /// A record.
    package init(label: String, level: Logger.Level, message: String, metadata: Logger.Metadata) {
        self.label = label
        self.level = level
        self.message = message.onOneLine
        fields = metadata.sorted { $0.key < $1.key }.map { (key: $0.key, value: "\($0.value)".onOneLine) }
    }

    /// Message and fields as people read them.
    var sentence: String {
        let tail = fields.map { " \($0.key)=\($0.value.isWord ? $0.value : $0.value.jsonQuoted)" }.joined()
        return "\(message)\(tail)".onOneLine
    }

    /// A line for people, without its end.
    func text(at moment: Timestamp) -> String { "\(moment) \(level) \(sentence)" }

    /// A line for collectors: one JSON object of strings.
    func json(at moment: Timestamp) -> String {
        let members =
            [
                ("timestamp", moment.description), ("level", level.rawValue), ("logger", label), ("message", message),
            ] + fields.map { ($0.key, $0.value) }
        return "{" + members.map { "\($0.0.jsonQuoted):\($0.1.jsonQuoted)" }.joined(separator: ",") + "}"
    }
}

extension String {
    fileprivate var onOneLine: String {
        let text = contains(where: \.isNewline) ? joiningLines : self
        return String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }
            )
        )
    }

    private var joiningLines: String {
        split(whereSeparator: \.isNewline).map { String($0).trimmed }.joined(separator: "; ")
    }

    // Scalar by scalar: with a combining mark behind it a quotation mark is another character, and ends the text all the same.

    fileprivate var isWord: Bool { !unicodeScalars.contains { $0 == " " || $0 == "\"" } }

    fileprivate var jsonQuoted: String {
        var quoted = "\"".unicodeScalars
        for scalar in onOneLine.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { quoted.append("\\") }
            quoted.append(scalar)
        }
        quoted.append("\"")
        return String(quoted)
    }
}
