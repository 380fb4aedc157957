/// Types what the sources wrote, in rising precedence, and collects all that is wrong with it.
struct ConfigurationAssembly {
    private var configuration = DaemonConfiguration()
    private var problems: [ConfigurationProblem] = []
    private var refusedKeys: Set<String> = []

    /// A value that a later source overrides must be acceptable all the same.
    mutating func add(_ reading: ConfigurationReading) {
        problems += reading.problems
        configuration.notes += reading.notes
        for assignment in reading.assignments {
            do throws(RefusedValue) {
                try assignment.key.apply(assignment, to: &configuration)
            } catch {
                refuse(assignment.key, error.description, accepted: assignment.key.accepted, from: assignment.origin)
            }
        }
    }

    /// - Throws: all problems, when there is one.
    func finished() throws(ConfigurationError) -> DaemonConfiguration {
        let problems = problems + [exposure].compactMap(\.self)
        guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
        return configuration
    }

    private mutating func refuse(
        _ key: ConfigurationKey,
        _ value: String,
        accepted: String,
        from origin: ConfigurationOrigin,
    ) {
        refusedKeys.insert(key.name)
        let reason = ConfigurationProblem.Reason.refused(value: key.isSecret ? nil : value, accepted: accepted)
        problems.append(ConfigurationProblem(origin: origin, key: key.name, reason: reason))
    }

    /// An address that others reach, without anything that keeps them out. Silent when one of the keys was refused anyway.
    private var exposure: ConfigurationProblem? {
        let http = configuration.http
        guard !http.listen.isLoopback, !http.allowAnonymous, http.tokens.isEmpty,
            refusedKeys.isDisjoint(with: ["http.listen", "http.allowAnonymous", "http.tokens"])
        else { return nil }
        return ConfigurationProblem(
            origin: configuration.origins["http.listen"] ?? .builtIn,
            key: "http.listen",
            reason: .refused(
                value: RefusedValue(http.listen.description).description
                    + ", which other machines reach without a token",
                accepted:
                    "a loopback address such as 127.0.0.1:\(http.listen.port), "
                    + "or any with http.tokens or http.allowAnonymous: true",
            ),
        )
    }
}
