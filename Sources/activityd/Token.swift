import ActivityDaemon
import ArgumentParser
import Endpoint

/// `activityd token`
struct Token: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make tokens for the HTTP endpoint.",
        subcommands: [TokenCreate.self],
    )
}

struct TokenCreate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a token; it is shown once and kept nowhere.",
        discussion: """
            The line below the token goes into http.tokens, where only the token's SHA-256 stands. A daemon that runs \
            knows it after SIGHUP. Two lines may have the same id: add the new one, hand it out, remove the old one.
            """,
    )

    @Option(help: "Who will hold it: \(AccessToken.acceptedID).")
    var id: String

    @Option(help: "What it allows; may be repeated. Admin allows everything.")
    var scope: [AccessScope]

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        guard !scope.isEmpty else { throw ValidationError("'--scope' is missing") }
        guard let report = TokenCommand(id: id, scopes: Set(scope)).run() else {
            throw ValidationError("'--id \(id)' is refused; accepted are \(AccessToken.acceptedID)")
        }
        guard !json else { return try printJSON(report) }
        print("\(report.token)\n\nhttp:\n  tokens:\n    - \(report.configuration)")
    }
}

extension AccessScope: ExpressibleByArgument {}
