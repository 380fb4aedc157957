/// How a run ended.
package struct RunOutcome: Sendable, Hashable {
    /// The kinds of ends, as in `job_run.status`.
    package enum Status: String, Sendable, Hashable, CaseIterable {
        /// It was done.
        case succeeded
        /// It was not, or not to its end.
        case failed
        /// Somebody stopped it.
        case canceled
        /// There was nothing to do.
        case skipped
    }

    /// How.
    package var status: Status
    /// Why it did not succeed.
    package var reason: String?
    /// What the command answered, in the words of the server.
    package var result: String?

    /// An outcome from its parts.
    package init(_ status: Status, reason: String? = nil, result: String? = nil) {
        self.status = status
        self.reason = reason
        self.result = result
    }
}
