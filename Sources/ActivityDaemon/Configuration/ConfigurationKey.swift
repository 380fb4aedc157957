/// All that is known about one key: errors, names of variables and documentation are made from this.
package struct ConfigurationKey: Sendable {
    /// The dotted name, as in the YAML file.
    package let name: String
    /// One line for the documentation.
    package let summary: String
    /// What is accepted, in words: type and range.
    package let accepted: String
    /// Whether its value is never shown and may come from a credential.
    package let isSecret: Bool
    let isList: Bool
    /// Whether an empty variable stands for none, and not for a variable that is not there.
    let emptyMeansNone: Bool
    private let store: @Sendable (ConfigurationValue, inout DaemonConfiguration) throws(RefusedValue) -> Void
    private let format: @Sendable (DaemonConfiguration) -> String

    init<Value>(
        _ name: String,
        _ path: any WritableKeyPath<DaemonConfiguration, Value> & Sendable,
        _ kind: ValueKind<Value>,
        isSecret: Bool = false,
        _ summary: String,
    ) {
        self.name = name
        self.summary = summary
        self.isSecret = isSecret
        accepted = kind.accepted
        isList = kind.isList
        emptyMeansNone = kind.emptyMeansNone
        store = { value, configuration throws(RefusedValue) in
            configuration[keyPath: path] = try kind.parse(value)
        }
        format = { kind.format($0[keyPath: path]) }
    }

    /// Sets the value that this assignment wrote.
    func apply(_ assignment: ConfigurationAssignment, to configuration: inout DaemonConfiguration) throws(RefusedValue)
    {
        try store(assignment.value, &configuration)
        configuration.origins[name] = assignment.origin
    }

    /// A text from anywhere but YAML, where lists are comma-separated, or have a line for each element in a credential.
    func value(fromText text: String) -> ConfigurationValue {
        isList ? .list(text.split { $0 == "," || $0.isNewline }.map(String.init)) : .text(text)
    }

    /// The value for people: a placeholder for a secret other than the default.
    package func shownValue(in configuration: DaemonConfiguration) -> String {
        let text = text(in: configuration)
        guard !text.isEmpty else { return "(empty)" }
        return isSecret && text != defaultText ? Secret.placeholder : text
    }

    /// The value as it would be written in a variable, secrets too.
    func text(in configuration: DaemonConfiguration) -> String { format(configuration) }

    /// Whether two configurations agree about this key.
    func hasSameValue(in left: DaemonConfiguration, _ right: DaemonConfiguration) -> Bool {
        format(left) == format(right)
    }

    /// The default as it would be written in a variable.
    package var defaultText: String { format(DaemonConfiguration()) }
}

extension ConfigurationKey: CustomStringConvertible {
    package var description: String { name }
}
