extension ConfigurationKey {
    /// The reference of all keys, those of jobs once for all jobs, as a Markdown table, for the README.
    package static var reference: String {
        let rows = general.map { key in
            let value = key.defaultText.isEmpty ? "" : "`\(key.defaultText)`"
            let summary = key.summary + (key.isSecret ? " (secret)" : "")
            return "| `\(key.name)` | `\(key.variable)` | \(value) | \(key.accepted) | \(summary) |"
        }
        return
            (["| key | variable | default | accepted | what it is |", "|---|---|---|---|---|"] + rows + jobReferenceRows)
            .map { $0 + "\n" }.joined()
    }
}
