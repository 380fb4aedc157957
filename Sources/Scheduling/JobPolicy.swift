/// How a job behaves when things do not go as planned.
package struct JobPolicy: Sendable, Hashable {
    /// What happens at a slot while the run before is under way.
    package enum Overlap: String, Sendable, Hashable, CaseIterable {
        /// The slot is skipped.
        case skip
        /// The slot waits; a newer one takes its place.
        case queue
        /// Both run.
        case allow
    }

    /// What happens to slots that nobody decided in time.
    package enum CatchUp: String, Sendable, Hashable, CaseIterable {
        /// They are missed.
        case none
        /// The last of them runs.
        case latest
        /// All of them run one after the other, up to ``JobPolicy/catchUpLimit``.
        case all
    }

    /// What happens at a slot while the run before is under way.
    package var overlap = Overlap.skip
    /// What happens to slots that nobody decided in time.
    package var catchUp = CatchUp.latest
    /// The most slots that `all` catches up; the last ones.
    package var catchUpLimit = 100
    /// For one attempt; nil for no limit.
    package var timeout: Duration?
    /// Further attempts after a failure.
    package var retries = 0
    /// Starts are spread over so much time after the nominal time, the same for each slot every time.
    package var jitter = Duration.zero

    /// The defaults.
    package init() {}
}
