import ActivityDaemon
import ArgumentParser
import FoundationEssentials
import Logging

/// The options that every sub-command has.
struct Settings: ParsableArguments {
    @Option(name: .shortAndLong, help: "The configuration file.", completion: .file(extensions: ["yaml", "yml"]))
    var config: String?

    @Option(name: .shortAndLong, help: "A setting, such as http.listen=127.0.0.1:8080; may be repeated.")
    var set: [String] = []

    func validate() throws {
        for setting in set where !setting.contains("=") {
            throw ValidationError("'--set \(setting)' is no setting; accepted is KEY=VALUE, such as log.level=debug")
        }
    }

    /// Runs a sub-command with the configuration and a logger; an error becomes a line and an exit code.
    func run(_ body: (DaemonConfiguration, Logger) async throws -> Void) async throws {
        try await run { configuration, logger, _ in try await body(configuration, logger) }
    }

    /// The same for one that changes the level of what is logged.
    func run(_ body: (DaemonConfiguration, Logger, LiveLogLevel) async throws -> Void) async throws {
        try await explainingErrors {
            let configuration = try load()
            let level = LiveLogLevel(configuration.log.level)
            let logger = Logger(label: "activityd") { label in
                DaemonLogHandler(label: label, format: configuration.log.format, level: level)
            }
            for note in configuration.notes { logger.notice("configuration", metadata: ["note": "\(note)"]) }
            for line in configuration.redactedDescription.split(separator: "\n") {
                logger.debug("configuration", metadata: ["setting": "\(line)"])
            }
            try await body(configuration, logger, level)
        }
    }

    /// Reads all sources.
    @Sendable func load() throws -> DaemonConfiguration {
        try DaemonConfiguration.load(
            path: config,
            environment: ProcessInfo.processInfo.environment,
            workingDirectory: FileManager.default.currentDirectoryPath,
            flags: flags,
        )
    }

    /// The last of several settings of one key wins.
    private var flags: [String: String] {
        let pairs = set.map { setting in
            let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), String(parts[1]))
        }
        return Dictionary(pairs) { $1 }
    }
}

/// Runs a body whose error becomes a line and an exit code.
func explainingErrors(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let status as ExitCode {
        throw status
    } catch {
        complain("\(error)")
        throw ExitCode(ExitStatus(error).rawValue)
    }
}
