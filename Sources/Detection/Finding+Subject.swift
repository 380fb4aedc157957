extension Finding.Subject {
    /// What is known, in a fixed order.
    private var parts: [(name: String, value: String)] {
        [
            ("ip", ip), ("network", network), ("userId", userId), ("collection", collection), ("action", action),
            ("job", job), ("detector", detector),
        ].compactMap { name, value in value.map { (name, $0) } }
    }

    /// What is known, by name.
    public var labels: [String: String] {
        Dictionary(uniqueKeysWithValues: parts.map { ($0.name, $0.value) })
    }

    /// For people: `ip 203.0.113.7`, or `everybody`.
    public var title: String {
        parts.isEmpty ? "everybody" : parts.map { "\($0.name) \($0.value)" }.joined(separator: ", ")
    }

    /// For machines: `ip/203.0.113.7`.
    public var path: String {
        parts.isEmpty ? "all" : parts.map { "\($0.name)/\($0.value)" }.joined(separator: "/")
    }
}
