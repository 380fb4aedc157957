import Activity
import Glibc
package import Logging
import Synchronization

/// Writes one line for each message to standard error, as text for people or as JSON for collectors.
///
/// Line breaks become `; ` and other control characters never reach the line, whatever a database or a client sent.
package struct LineLogHandler: LogHandler {
    private let label: String
    private let format: DaemonConfiguration.Log.Format
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?

    /// Keeps lines of several threads apart.
    private static let output = Mutex(())

    /// A handler for a logger with a label.
    package init(label: String, format: DaemonConfiguration.Log.Format, level: Logger.Level) {
        self.label = label
        self.format = format
        logLevel = level
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let bytes = Array((line(for: event, at: Clock.now) + "\n").utf8)
        Self.output.withLock { _ in
            _ = write(STDERR_FILENO, bytes, bytes.count)
        }
    }

    /// The line of a message, without its end.
    func line(for event: LogEvent, at now: Timestamp) -> String {
        let fields = metadata.merging(metadataProvider?.get() ?? [:]) { $1 }.merging(event.metadata ?? [:]) { $1 }
            .sorted { $0.key < $1.key }
            .map { (key: $0.key, value: "\($0.value)".onOneLine) }
        return format == .json ? json(event, fields, now) : text(event, fields, now)
    }

    private func text(_ event: LogEvent, _ fields: [(key: String, value: String)], _ now: Timestamp) -> String {
        let tail = fields.map {
            " \($0.key)=\($0.value.contains(where: { $0 == " " || $0 == "\"" }) ? $0.value.jsonQuoted : $0.value)"
        }.joined()
        return "\(now) \(event.level) \(event.message)\(tail)".onOneLine
    }

    private func json(_ event: LogEvent, _ fields: [(key: String, value: String)], _ now: Timestamp) -> String {
        let members =
            [
                ("timestamp", now.description), ("level", event.level.rawValue), ("logger", label),
                ("message", event.message.description),
            ] + fields.map { ($0.key, $0.value) }
        return "{" + members.map { "\($0.0.jsonQuoted):\($0.1.jsonQuoted)" }.joined(separator: ",") + "}"
    }
}

extension String {
    fileprivate var onOneLine: String {
        let text = contains(where: \.isNewline) ? joiningLines : self
        return String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? "\u{FFFD}" : $0 })
        )
    }

    private var joiningLines: String {
        split(whereSeparator: \.isNewline).map { String($0).trimmed }.joined(separator: "; ")
    }

    fileprivate var jsonQuoted: String {
        let escaped = onOneLine.flatMap { character in
            character == "\"" || character == "\\" ? ["\\", character] : [character]
        }
        return "\"" + String(escaped) + "\""
    }
}
