import Activity
import ActivityDaemon
import ArgumentParser
import Detection
import Pipeline

/// `activityd alerts`
struct Alerts: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at alerts, and acknowledge or silence them.",
        discussion: "An alert is called by its occurrence or by its fingerprint, which is the same each time.",
        subcommands: [
            AlertsList.self, AlertsShow.self, AlertsTail.self, AlertsAck.self, AlertsSilence.self,
            AlertsSilences.self, AlertsUnsilence.self, AlertsReplay.self, AlertsReset.self,
        ],
        defaultSubcommand: AlertsList.self,
    )
}

/// What all of them share.
struct AlertOptions: ParsableArguments {
    @OptionGroup var settings: Settings

    @Flag(help: "Print JSON.")
    var json = false

    func run(_ body: (AlertsCommand) async throws -> Void) async throws {
        try await settings.run { configuration, _ in
            try await AlertsCommand.with(configuration) { try await body($0) }
        }
    }
}

struct AlertsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Alerts, the newest first.")

    enum Status: String, CaseIterable, ExpressibleByArgument {
        case open, pending, firing, resolved, all

        var statuses: [String] {
            switch self {
            case .open: ["pending", "firing"]
            case .all: ["pending", "firing", "resolved"]
            case .pending, .firing, .resolved: [rawValue]
            }
        }
    }

    @OptionGroup var options: AlertOptions

    @Option(help: "Which alerts.")
    var status = Status.open

    @Option(help: "How many at most.")
    var count = 50

    func validate() throws {
        guard count > 0 else { throw ValidationError("'--count \(count)' is refused; accepted is 1 and more") }
    }

    func run() async throws {
        try await options.run { command in
            let alerts = try await command.catalog.list(statuses: status.statuses, count: count)
            guard !options.json else { return try printJSON(alerts) }
            printTable(
                ["FINGERPRINT", "SINCE", "STATUS", "SEVERITY", "WHAT", "WHY"],
                alerts.map { alert in
                    let quiet = alert.suppressedBy.map { " (\($0))" } ?? ""
                    let known = alert.acknowledgedBy.map { ", known to \($0)" } ?? ""
                    return [
                        alert.fingerprint, alert.startsAt, alert.status + quiet + known, alert.severity,
                        alert.subject, alert.reason,
                    ]
                },
            )
        }
    }
}

struct AlertsShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "One alert with all that is known of it, as JSON.",
    )

    @OptionGroup var options: AlertOptions

    @Argument(help: "An occurrence or a fingerprint.")
    var name: String

    func run() async throws {
        try await options.run { command in
            let (alert, data) = try await command.catalog.alert(name)
            guard !options.json else { return print(data) }
            let lines: [(String, String?)] = [
                ("occurrence", alert.occurrenceId), ("fingerprint", alert.fingerprint), ("rule", alert.rule),
                ("status", alert.status), ("severity", alert.severity), ("what", alert.subject), ("why", alert.reason),
                ("since", alert.startsAt), ("until", alert.endsAt), ("published", "\(alert.published) times"),
                ("kept quiet by", alert.suppressedBy), ("known to", alert.acknowledgedBy),
                ("comment", alert.acknowledgement), ("data", data),
            ]
            printTable([], lines.compactMap { name, value in value.map { [name, $0] } })
        }
    }
}

struct AlertsTail: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail",
        abstract: "Print each event as it is relayed, one line of JSON each, until it is interrupted.",
    )

    @OptionGroup var options: AlertOptions

    @Option(help: "Begin after this sequence; without it, with what comes.")
    var after: Int64?

    func run() async throws {
        try await options.run { command in
            try await command.tail(after: after) { printLine($0) }
        }
    }
}

struct AlertsAck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ack",
        abstract: "Say that an alert is known: it is not repeated unless it gets worse.",
    )

    @OptionGroup var options: AlertOptions

    @Argument(help: "An occurrence or a fingerprint.")
    var name: String

    @Option(help: "What is to be said about it.")
    var comment: String?

    func run() async throws {
        try await options.run { command in
            try await command.catalog.acknowledge(name, comment: comment)
            options.json ? try printJSON(["acknowledged": name]) : print("\(name) is acknowledged")
        }
    }
}

struct AlertsSilence: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "silence",
        abstract: "Keep alerts from being published for a while; they are recorded all the same.",
    )

    @OptionGroup var options: AlertOptions

    @Option(help: "A rule, such as brute-force.")
    var rule: String?

    @Option(help: "An alert's fingerprint.")
    var fingerprint: String?

    @Option(help: "An address, or a network such as 203.0.113.0/24.")
    var address: String?

    @Option(help: "A user.")
    var user: String?

    @Option(name: .customLong("for"), help: "How long, such as 90s, 30m, 2h or 7d.")
    var duration: HumanDuration

    @Option(help: "Why.")
    var comment: String

    func validate() throws {
        guard [rule, fingerprint, address, user].contains(where: { $0 != nil }) else {
            throw ValidationError(
                "a silence of everything is refused; accepted is --rule, --fingerprint, --address, --user, or several"
            )
        }
        if let address, Network(address) == nil {
            throw ValidationError(
                "'--address \(address)' is refused; accepted is an address or a network such as 203.0.113.0/24"
            )
        }
        guard !comment.isEmpty else { throw ValidationError("an empty '--comment' is refused; say why") }
    }

    func run() async throws {
        try await options.run { command in
            let matcher = AlertCatalog.Matcher(rule: rule, fingerprint: fingerprint, address: address, userId: user)
            let id = try await command.catalog.silence(matcher, for: duration.value, comment: comment)
            options.json
                ? try printJSON(["silence": id]) : print("silence \(id); 'activityd alerts unsilence \(id)' ends it")
        }
    }
}

struct AlertsSilences: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "silences",
        abstract: "Silences that have not expired.",
    )

    @OptionGroup var options: AlertOptions

    func run() async throws {
        try await options.run { command in
            let silences = try await command.catalog.silences()
            guard !options.json else { return try printJSON(silences) }
            printTable(
                ["ID", "UNTIL", "MATCHES", "BY", "COMMENT"],
                silences.map { silence in
                    let parts = [silence.rule, silence.fingerprint, silence.address, silence.userId]
                    let matches = parts.compactMap(\.self).joined(separator: " and ")
                    return ["\(silence.id)", silence.expiresAt, matches, silence.createdBy, silence.comment]
                },
            )
        }
    }
}

struct AlertsUnsilence: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "unsilence", abstract: "End a silence now.")

    @OptionGroup var options: AlertOptions

    @Argument(help: "The number of the silence.")
    var id: Int64

    func run() async throws {
        try await options.run { command in
            guard try await command.catalog.endSilence(id) else {
                complain("there is no silence \(id) that has not expired")
                throw ExitCode.failure
            }
            options.json ? try printJSON(["ended": id]) : print("silence \(id) has ended")
        }
    }
}

struct AlertsReplay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Announce events of a period again, on the channel and with the ids and sequences that they had.",
        discussion: "The stream is left as it is. Subscribers know events that they have handled by their ids.",
    )

    @OptionGroup var settings: Settings

    @Flag(help: "Print JSON.")
    var json = false

    @Option(help: "From when on events were written, such as 2026-01-31T08:00:00Z.")
    var from: Moment

    @Option(help: "Until when; now unless given.")
    var to: Moment?

    func run() async throws {
        try await settings.run { configuration, _ in
            let count = try await AlertReplayCommand(configuration).run(from: from.value, to: to?.value)
            json ? try printJSON(["announced": count]) : print("\(count) events were announced again")
        }
    }
}

struct AlertsReset: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset",
        abstract: "Let a detector that failed begin anew, without what it knew.",
    )

    @OptionGroup var options: AlertOptions

    @Argument(help: "The detector's name.")
    var detector: String

    func run() async throws {
        try await options.run { command in
            guard try await command.catalog.resetDetector(detector) else {
                complain("the detector '\(detector)' is not off")
                throw ExitCode.failure
            }
            options.json ? try printJSON(["reset": detector]) : print("\(detector) begins anew")
        }
    }
}
