import ActivityDaemon
import ArgumentParser

/// `activityd check`
struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Try configuration, connections, privileges and versions; one line each."
    )

    @OptionGroup var settings: Settings

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await settings.run { configuration, _ in
            let findings = await CheckCommand(configuration).run()
            if json {
                try printJSON(findings)
            } else {
                for finding in findings {
                    let detail = finding.detail.printableLines.joined(separator: "\n")
                    print("\(finding.isFine ? "ok  " : "FAIL") \(finding.subject): \(detail)")
                }
            }
            if findings.contains(where: { !$0.isFine }) { throw ExitCode(ExitStatus.failure.rawValue) }
        }
    }
}
