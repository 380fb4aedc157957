extension ConfigurationKey {
    /// The reference of all keys but those of detection, those of jobs once for all jobs, as a Markdown table, for the
    /// README.
    package static var reference: String { table(of: general, jobReferenceRows) }

    /// A Markdown table of keys.
    static func table(of keys: [ConfigurationKey], _ moreRows: [String] = []) -> String {
        let rows = keys.map { key in
            let value = key.defaultText.isEmpty ? "" : "`\(key.defaultText)`"
            let summary = key.summary + (key.isSecret ? " (secret)" : "")
            return "| `\(key.name)` | `\(key.variable)` | \(value) | \(key.accepted) | \(summary) |"
        }
        return (["| key | variable | default | accepted | what it is |", "|---|---|---|---|---|"] + rows + moreRows)
            .map { $0 + "\n" }.joined()
    }
}
