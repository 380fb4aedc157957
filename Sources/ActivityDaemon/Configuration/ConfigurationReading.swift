/// What one source said, as it was found; nothing is typed yet.
struct ConfigurationReading: Sendable {
    var assignments: [ConfigurationAssignment] = []
    var problems: [ConfigurationProblem] = []
    var notes: [String] = []

    /// Takes a value that is written as text.
    mutating func assign(_ text: String, to key: ConfigurationKey, from origin: ConfigurationOrigin) {
        assignments.append(ConfigurationAssignment(key: key, value: key.value(fromText: text), origin: origin))
    }

    mutating func refuse(_ key: String?, _ reason: ConfigurationProblem.Reason, from origin: ConfigurationOrigin) {
        problems.append(ConfigurationProblem(origin: origin, key: key, reason: reason))
    }
}
