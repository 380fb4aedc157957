extension DaemonConfiguration {
    /// One line for each key with its value and where that came from; secrets are placeholders.
    package var redactedDescription: String {
        ConfigurationKey.all
            .map { key in
                "\(key.name) = \(key.shownValue(in: self)) [\(origins[key.name] ?? .builtIn)]"
            }
            .joined(separator: "\n")
    }
}
