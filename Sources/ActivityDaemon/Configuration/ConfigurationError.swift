/// The configuration was refused: all that is wrong with it, in the order of the sources.
package struct ConfigurationError: Error, Sendable, Hashable {
    package let problems: [ConfigurationProblem]
}

extension ConfigurationError: CustomStringConvertible {
    /// A headline and one line for each problem; no secrets.
    package var description: String {
        let count = problems.count == 1 ? "1 problem" : "\(problems.count) problems"
        return (["the configuration has \(count)"] + problems.map { "  \($0)" }).joined(separator: "\n")
    }
}
