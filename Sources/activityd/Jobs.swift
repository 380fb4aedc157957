import ActivityDaemon
import ArgumentParser
import Glibc
import Scheduling

/// `activityd jobs`
struct Jobs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at jobs, and run, pause or stop them.",
        discussion:
            "A job is called by its name: a word for the daemon's own, cron:7 or its title for one of cron.job.",
        subcommands: [
            JobsList.self, JobsShow.self, JobsRun.self, JobsPause.self, JobsResume.self, JobsCancel.self,
            JobsHistory.self, JobsNext.self,
        ],
        defaultSubcommand: JobsList.self,
    )
}

/// What the sub-commands about one job share.
struct JobOptions: ParsableArguments {
    @OptionGroup var settings: Settings

    @Argument(help: "The job's name or title.")
    var name: String

    @Flag(help: "Print JSON.")
    var json = false

    func run(_ body: (JobsCommand) async throws -> Void) async throws {
        try await settings.run { configuration, _ in
            try await JobsCommand.with(configuration) { try await body($0) }
        }
    }
}

struct JobsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "All jobs, with their last run.")

    @OptionGroup var settings: Settings

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await settings.run { configuration, _ in
            let list = try await JobsCommand.with(configuration) { try await $0.list() }
            guard !json else { return try printJSON(list) }
            printTable(
                ["NAME", "SCHEDULE", "ZONE", "STATE", "LAST RUN", "", "NEXT"],
                list.jobs.map { job in
                    let name = job.title.map { "\(job.name) (\($0))" } ?? job.name
                    let (last, status) = (job.lastRun?.nominalAt ?? "", job.lastRun?.status ?? "")
                    return [name, job.schedule, job.timezone, job.state, last, status, job.next ?? ""]
                },
            )
            for line in list.refused { complain(line) }
        }
    }
}

struct JobsShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "One job with all that is known of it.",
    )

    @OptionGroup var options: JobOptions

    func run() async throws {
        try await options.run { jobs in
            let details = try await jobs.show(options.name)
            guard !options.json else { return try printJSON(details) }
            let job = details.job
            let lines: [(String, String?)] = [
                ("name", job.name), ("title", job.title), ("schedule", "\(job.schedule): \(job.summary)"),
                ("time zone", job.timezone), ("state", job.state), ("does", details.does),
                ("command", details.command),
                ("role", details.role), ("database", details.database), ("overlap", details.overlap),
                ("catch-up", "\(details.catchUp), \(details.catchUpLimit) at most"), ("retries", "\(details.retries)"),
                ("time-out", details.timeout.map { "\($0) s" }), ("jitter", "\(details.jitter) s"),
                ("last run", job.lastRun.map { "\($0.nominalAt) \($0.status) \($0.reason ?? $0.result ?? "")" }),
                ("next", details.next.map(\.at).joined(separator: ", ")),
            ]
            printTable([], lines.compactMap { name, value in value.map { [name, $0] } })
        }
    }
}

struct JobsRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a job now, wait for its end, and exit with 0 when it succeeded.",
    )

    @OptionGroup var options: JobOptions

    func run() async throws {
        try await options.run { jobs in
            let showsProgress = isatty(STDERR_FILENO) == 1
            let start = ContinuousClock.now
            let row = try await jobs.run(options.name) { row in
                guard showsProgress else { return }
                let state = row.status == "queued" ? "waiting for a daemon, or for the run before" : "running"
                showProgress("\(options.name): \(state), \(start.duration(to: .now).components.seconds) s")
            }
            if showsProgress { endProgress() }
            if options.json {
                try printJSON(row)
            } else {
                print("\(row.status)\(row.duration.map { " in \($0) s" } ?? "")")
                for text in [row.reason, row.result].compactMap(\.self) {
                    for line in text.printableLines { print(line) }
                }
            }
            guard row.status == "succeeded" || row.status == "skipped" else { throw ExitCode.failure }
        }
    }
}

struct JobsPause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "pause", abstract: "Keep a job from running.")

    @OptionGroup var options: JobOptions

    func run() async throws {
        try await options.run { jobs in
            try await jobs.setPaused(options.name, true)
            options.json ? try printJSON(["paused": options.name]) : print("\(options.name) is paused")
        }
    }
}

struct JobsResume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "resume", abstract: "Let a paused job run again.")

    @OptionGroup var options: JobOptions

    func run() async throws {
        try await options.run { jobs in
            try await jobs.setPaused(options.name, false)
            options.json ? try printJSON(["resumed": options.name]) : print("\(options.name) runs again")
        }
    }
}

struct JobsCancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Stop what a job has under way, on the server too.",
    )

    @OptionGroup var options: JobOptions

    func run() async throws {
        try await options.run { jobs in
            let count = try await jobs.cancel(options.name)
            options.json ? try printJSON(["canceled": count]) : print("\(count) runs are asked to end")
        }
    }
}

struct JobsHistory: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "What became of a job's slots, the newest first.",
    )

    @OptionGroup var options: JobOptions

    @Option(help: "How many rows at most.")
    var count = 20

    @Flag(help: "Leave out what succeeded.")
    var troubles = false

    func validate() throws {
        guard count > 0 else { throw ValidationError("'--count \(count)' is refused; accepted is 1 and more") }
    }

    func run() async throws {
        try await options.run { jobs in
            let rows = try await jobs.history(options.name, count: count, onlyTroubles: troubles)
            guard !options.json else { return try printJSON(rows) }
            printTable(
                ["NOMINAL TIME", "STATUS", "TRIGGER", "TRY", "LATE", "SECONDS", ""],
                rows.map { row in
                    let span =
                        row.slots == 1 ? "" : "to \(row.lastNominalAt), \(row.slots.map(String.init) ?? "many") slots; "
                    return [
                        row.nominalAt, row.status, row.trigger, "\(row.attempt)", row.lateness.map { "\($0)" } ?? "",
                        row.duration.map { "\($0)" } ?? "", span + (row.reason ?? row.result ?? ""),
                    ]
                },
            )
        }
    }
}

struct JobsNext: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "next",
        abstract: "When a job will run, with the changes of the zone's clock in between.",
    )

    @OptionGroup var options: JobOptions

    @Option(help: "How many slots.")
    var count = 5

    func validate() throws {
        guard (1...10_000).contains(count) else {
            throw ValidationError("'--count \(count)' is refused; accepted is 1 to 10000")
        }
    }

    func run() async throws {
        try await options.run { jobs in
            let slots = try await jobs.next(options.name, count: count)
            guard !options.json else { return try printJSON(slots) }
            guard !slots.isEmpty else { return print("at no time of its own: when the server starts") }
            for slot in slots {
                if let change = slot.clockChange { print("-- the clock is set \(change) --") }
                print(slot.at)
            }
        }
    }
}
