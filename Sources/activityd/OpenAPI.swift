import ArgumentParser
import Endpoint

/// `activityd openapi`
struct OpenAPI: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "openapi",
        abstract: "Print the description of the HTTP endpoint in OpenAPI 3.1, as /openapi.json serves it.",
    )

    @Flag(help: "Accepted as everywhere; it is JSON in any case.")
    var json = false

    func run() {
        print(OpenAPIDocument.text, terminator: "")
    }
}
