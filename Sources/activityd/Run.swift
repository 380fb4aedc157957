import ActivityDaemon
import ArgumentParser

/// `activityd run`
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run the daemon in the foreground.")

    @OptionGroup var settings: Settings

    func run() async throws {
        ProcessMemory.shareArenas()
        try await settings.run { configuration, logger in
            try await Daemon(configuration, logger, reload: settings.load).run()
        }
    }
}
