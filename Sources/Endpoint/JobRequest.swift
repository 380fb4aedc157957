/// What became of asking for a run of a job.
package enum JobRequest: Sendable, Equatable {
    /// It will run.
    case requested(Run)
    /// There is no job of that name, but these.
    case unknown(known: [String])

    /// A run that was asked for.
    package struct Run: Sendable, Equatable {
        /// The number of its row in `job_run`.
        package var id: Int64
        /// The job's own name.
        package var job: String
        /// As in `job_run.status`.
        package var status: String

        /// A run from its parts.
        package init(id: Int64, job: String, status: String) {
            self.id = id
            self.job = job
            self.status = status
        }
    }
}
