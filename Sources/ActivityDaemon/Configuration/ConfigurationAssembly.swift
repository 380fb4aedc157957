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
        let problems = problems + ConfigurationExposure(configuration, refusedKeys: refusedKeys).problems
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
}
