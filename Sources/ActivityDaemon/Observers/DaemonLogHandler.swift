package import Logging

/// Writes what is logged to standard error, as text for people or as JSON for collectors, or to the journal.
package struct DaemonLogHandler: LogHandler {
    private let label: String
    private let output: LogOutput
    private let level: LiveLogLevel
    private var ownLevel: Logger.Level?
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?

    /// A handler for a logger with a label.
    package init(label: String, format: DaemonConfiguration.Log.Format, level: LiveLogLevel) {
        self.label = label
        self.level = level
        output = LogOutput(format)
    }

    /// That of all loggers, unless this one was given its own.
    package var logLevel: Logger.Level {
        get { ownLevel ?? level.value }
        set { ownLevel = newValue }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        output.write(
            LogRecord(
                label: label,
                level: event.level,
                message: "\(event.message)",
                metadata: metadata.merging(metadataProvider?.get() ?? [:]) { $1 }
                    .merging(event.metadata ?? [:]) { $1 },
            )
        )
    }
}
