import ActivityDaemon
import ArgumentParser
import UnixSignals

/// `activityd top`
struct Top: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Watch the daemon: feed, generation, stores, alerts, jobs and requests.",
        discussion: """
            Asks the admin listener, else the one for readers, and PostgreSQL, and changes nothing. On a terminal it \
            redraws until q or Ctrl-C; elsewhere it prints one block, or one line of JSON, after another. With --once it \
            ends with 69 when the daemon or PostgreSQL cannot be reached. Requests are left out where reading wants a \
            token.
            """,
    )

    @OptionGroup var settings: Settings

    @Option(help: "Seconds from one look to the next, 0.1 to 3600.")
    var interval = 1.0

    @Flag(help: "Look once, and end.")
    var once = false

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard (0.1...3600).contains(interval) else {
            throw ValidationError("'--interval \(interval)' is refused; accepted are 0.1 to 3600 seconds")
        }
    }

    func run() async throws {
        try await settings.run { configuration, _ in
            try await TopCommand.with(configuration) { command in
                if once {
                    try await look(command)
                } else if !json, let terminal = Terminal.take() {
                    defer { terminal.giveBack() }
                    try await watch(command, on: terminal)
                } else {
                    try await repeatedly(command) { try show($0, after: $1) }
                }
            }
        }
    }

    private func look(_ command: TopCommand) async throws {
        let reading = try await command.read()
        if json {
            try printJSON(reading)
        } else {
            for line in TopScreen(reading).lines { print(line) }
        }
        if reading.exitStatus != .success { throw ExitCode(reading.exitStatus.rawValue) }
    }

    private func show(_ reading: TopReading, after previous: TopReading?) throws {
        if json { return try printJSONLine(reading) }
        for line in TopScreen(reading, after: previous).lines { print(line) }
        printLine("")
    }

    /// Until somebody presses q, or a signal asks for the end.
    private func watch(_ command: TopCommand, on terminal: Terminal) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await repeatedly(command) { reading, previous in
                    let size = terminal.size
                    terminal.draw(TopScreen(reading, after: previous).lines(columns: size.columns, rows: size.rows))
                }
            }
            group.addTask {
                for await key in terminal.keys where Terminal.endingKeys.contains(key) { return }
            }
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup) { return }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func repeatedly(
        _ command: TopCommand,
        _ body: (TopReading, TopReading?) throws -> Void,
    ) async throws {
        var previous: TopReading?
        while true {
            let reading = try await command.read()
            try body(reading, previous)
            previous = reading
            try await Task.sleep(for: .seconds(interval))
        }
    }
}
