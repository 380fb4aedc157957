extension DaemonConfiguration {
    /// The file that is read when no other is named.
    package static let standardPath = "/etc/activityd/activityd.yaml"

    /// Reads all sources; the later wins: defaults, the predecessor's variables, the YAML file, credentials, `.env`,
    /// `ACTIVITYD_*` variables, flags.
    ///
    /// - Parameters:
    ///   - path: The YAML file, which must then exist; nil for ``standardPath``, which may be missing.
    ///   - environment: The variables of the process. `CREDENTIALS_DIRECTORY` among them is where secrets are looked for.
    ///   - workingDirectory: Where `.env` may be, and what a relative `path` is relative to.
    ///   - flags: Values by dotted key, from the command line.
    /// - Returns: The configuration, with notes on what had no effect.
    /// - Throws: All that is wrong, when anything is.
    package static func load(
        path: String? = nil,
        environment: [String: String],
        workingDirectory: String,
        flags: [String: String] = [:],
    ) throws(ConfigurationError) -> DaemonConfiguration {
        try load(
            path: path,
            standardPath: standardPath,
            environment: environment,
            workingDirectory: workingDirectory,
            flags: flags,
        )
    }

    /// The same with another place for the file that may be missing, for tests.
    static func load(
        path: String?,
        standardPath: String,
        environment: [String: String],
        workingDirectory: String,
        flags: [String: String],
    ) throws(ConfigurationError) -> DaemonConfiguration {
        let file = EnvironmentFile(path: "\(workingDirectory)/.env")
        let variables = EnvironmentVariable.all(in: environment)
        let credentials = environment["CREDENTIALS_DIRECTORY"].flatMap { $0.isEmpty ? nil : $0 }
        let readings = [
            YAMLSource.read(absolute(path ?? standardPath, in: workingDirectory), isRequired: path != nil),
            credentials.map(TextSources.read(credentialsDirectory:)) ?? ConfigurationReading(),
            file.reading,
            TextSources.read(variables: file.variables),
            TextSources.read(variables: variables),
            TextSources.read(flags: flags),
        ]
        let given = Set(readings.flatMap(\.assignments).map(\.key.name))
        var assembly = ConfigurationAssembly()
        for reading in [PredecessorVariables.read(file.variables + variables, given: given)] + readings {
            assembly.add(reading)
        }
        return try assembly.finished()
    }

    private static func absolute(_ path: String, in directory: String) -> String {
        path.hasPrefix("/") ? path : "\(directory)/\(path)"
    }
}
