import ActivityDaemon
import ArgumentParser

/// `activityd config`
struct Config: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print what is configured, from all sources, as one activityd.yaml.",
        discussion: """
            Only what somebody has set is printed, with where; the rest has its default. So the predecessor's variables \
            become a file. Secrets are left out unless --secrets is given; nothing is connected to.
            """,
    )

    @OptionGroup var settings: Settings

    @Flag(help: "Print secrets too: let nobody else read the output.")
    var secrets = false

    func run() async throws {
        try await settings.run { configuration, _ in
            print(try configuration.yaml(revealsSecrets: secrets), terminator: "")
        }
    }
}
