import ActivityDaemon
import ArgumentParser
import Systemd

/// `activityd run`
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run the daemon in the foreground.")

    @OptionGroup var settings: Settings

    func run() async throws {
        ProcessMemory.shareArenas()
        AbortSignal.endProcess()
        // Before anything else, since it changes the environment.
        let sockets = Result(catching: HandedSocket.takeAll)
        try await settings.run { configuration, logger, level in
            try await Daemon(
                configuration,
                logger,
                level: level,
                sockets: sockets.get(),
                reload: settings.load,
            ).run()
        }
    }
}
