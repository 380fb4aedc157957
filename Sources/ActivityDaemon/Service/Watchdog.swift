/// Decides whether the service manager's watchdog is fed.
struct Watchdog: Sendable {
    /// What is worth saying, once each.
    enum News: Hashable, Sendable {
        /// These parts have fallen silent since the last look.
        case silent([String])
        /// All parts turn again.
        case recovered
    }

    private var silentParts: Set<String> = []

    /// Looks at the parts.
    ///
    /// - Parameter silent: those that do not turn.
    /// - Returns: whether it is fed, and what has changed.
    mutating func look(at silent: [String]) -> (feeds: Bool, news: News?) {
        let fallen = silent.filter { !silentParts.contains($0) }
        let hasRecovered = silent.isEmpty && !silentParts.isEmpty
        silentParts = Set(silent)
        return (silent.isEmpty, fallen.isEmpty ? hasRecovered ? .recovered : nil : .silent(fallen))
    }
}
