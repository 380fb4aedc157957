import Cron
import Scheduling

extension ConfigurationKey {
    /// The keys of each job that the daemon has of its own.
    static let jobs = BuiltInJob.allCases.flatMap { job in jobKeys(of: job) }

    private static func jobKeys(of job: BuiltInJob) -> [ConfigurationKey] {
        let name = "jobs.\(job.rawValue)"
        return [
            .init("\(name).schedule", \.jobs[job].schedule, .schedule, "When it runs"),
            .init(
                "\(name).timezone",
                \.jobs[job].timeZone,
                .timeZone,
                "Whose wall clock that is; empty for scheduler.timezone",
            ),
            .init("\(name).enabled", \.jobs[job].isEnabled, .boolean, "Whether it runs"),
            .init(
                "\(name).timeout",
                \.jobs[job].timeout,
                .wholeNumber(0...86_400),
                "Seconds that a run may take; 0 for no limit",
            ),
            .init(
                "\(name).catchUp",
                \.jobs[job].catchUp,
                .name,
                "Which slots run that passed while no daemon was there",
            ),
            .init("\(name).overlap", \.jobs[job].overlap, .name, "What happens at a slot while the run before lasts"),
            .init("\(name).retries", \.jobs[job].retries, .wholeNumber(0...100), "Further attempts after a failure"),
        ]
    }

    /// What all jobs have in common as a Markdown table's lines, with `<name>` for the job.
    static var jobReferenceRows: [String] {
        guard let first = BuiltInJob.allCases.first else { return [] }
        return jobKeys(of: first).map { key in
            let name = key.name.replacing(".\(first.rawValue).", with: ".<name>.")
            let variable = key.variable.replacing("_\(first.rawValue.uppercased())_", with: "_<NAME>_")
            return "| `\(name)` | `\(variable)` | see Jobs | \(key.accepted) | \(key.summary) |"
        }
    }

    /// The jobs of the daemon with what they do and their defaults as a Markdown table, for the README.
    package static var jobReference: String {
        let rows = BuiltInJob.allCases.map { job in
            let defaults = job.defaults
            return "| `\(job.rawValue)` | `\(defaults.schedule.text)` | \(defaults.overlap.rawValue) "
                + "| \(defaults.catchUp.rawValue) | \(defaults.retries) | \(job.summary) |"
        }
        return
            (["| job | schedule | overlap | catch-up | retries | what it does |", "|---|---|---|---|---|---|"] + rows)
            .map { $0 + "\n" }.joined()
    }
}
