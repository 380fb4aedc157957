import Testing

@testable import ActivityDaemon

/// All sources of a configuration, in a directory of their own.
struct ConfigurationFixture {
    let directory: TemporaryDirectory
    var path: String?
    var environment: [String: String]
    var flags: [String: String]

    init(
        path: String? = nil,
        yaml: String? = nil,
        credentials: [String: String] = [:],
        dotEnv: String? = nil,
        environment: [String: String] = [:],
        flags: [String: String] = [:],
    ) throws {
        directory = try TemporaryDirectory()
        self.path = path
        self.environment = environment
        self.flags = flags
        if let yaml {
            try directory.write(yaml, to: "activityd.yaml")
        }
        if let dotEnv {
            try directory.write(dotEnv, to: ".env")
        }
        for (name, text) in credentials {
            try directory.write(text, to: "credentials/\(name)")
            self.environment["CREDENTIALS_DIRECTORY"] = "\(directory.path)/credentials"
        }
    }

    func load() throws(ConfigurationError) -> DaemonConfiguration {
        try DaemonConfiguration.load(
            path: path,
            standardPath: "activityd.yaml",
            environment: environment,
            workingDirectory: directory.path,
            flags: flags,
        )
    }

    /// The lines of the error without the directory's name, or none when the configuration is accepted.
    func problems() -> [String] {
        do throws(ConfigurationError) {
            _ = try load()
            return []
        } catch {
            return error.problems.map(\.description).map(withoutDirectory)
        }
    }

    func withoutDirectory(_ text: String) -> String {
        text.replacing("\(directory.path)/", with: "")
    }
}
