import Yams

extension DaemonConfiguration {
    /// What some source has set as the text of an `activityd.yaml`, in which the origins and notes are comments.
    ///
    /// - Parameter revealsSecrets: Whether secrets are values; otherwise a comment stands for each.
    /// - Returns: A line for each key under its dotted name; reading them gives the same configuration.
    /// - Throws: `YamlError`, for a text that YAML cannot hold.
    package func yaml(revealsSecrets: Bool) throws -> String {
        var lines = notes.map { "# \($0)\n" }
        for key in ConfigurationKey.all {
            guard let origin = origins[key.name] else { continue }
            lines.append("# \(origin)\n")
            let isShown = revealsSecrets || !key.isSecret
            lines.append(isShown ? try key.yaml(in: self) : "# \(key.name): \(Secret.placeholder)\n")
        }
        return lines.joined()
    }
}

extension ConfigurationKey {
    fileprivate func yaml(in configuration: DaemonConfiguration) throws -> String {
        let text = text(in: configuration)
        let elements = text.split(separator: ",").map { Self.scalar(String($0)) }
        let value = isList ? Node.sequence(Node.Sequence(elements, .implicit, .flow)) : Self.scalar(text)
        return try Yams.serialize(node: Node([(Node(name), value)]), width: -1, allowUnicode: true)
    }

    /// In quotes unless nobody can take it for anything but a text.
    private static func scalar(_ text: String) -> Node {
        let isPlain = text.wholeMatch(of: /[a-z0-9][A-Za-z0-9._\/-]*/) != nil && text != "null"
        return .scalar(Node.Scalar(text, .implicit, isPlain ? .plain : .singleQuoted))
    }
}
