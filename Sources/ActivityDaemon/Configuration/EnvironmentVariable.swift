/// A variable of the process or of a `.env` file.
struct EnvironmentVariable: Sendable {
    let name: String
    let value: String
    let origin: ConfigurationOrigin

    /// The variables of the process that have a value, by name, so that messages come in the same order each time.
    static func all(in environment: [String: String]) -> [EnvironmentVariable] {
        environment.filter(hasValue).sorted { $0.key < $1.key }.map { name, value in
            EnvironmentVariable(name: name, value: value, origin: .environment(variable: name))
        }
    }

    /// An empty variable counts as absent, as in `REDIS_PASSWORD=` of a template, unless its key can be none.
    static func hasValue(_ name: String, _ value: String) -> Bool {
        !value.isEmpty || ConfigurationKey.byVariable[name]?.emptyMeansNone == true
    }
}
