import Detection
import Pipeline

extension ConfigurationKey {
    /// What is suspicious, and how it is told. Times are in seconds.
    static let detection =
        signIns + takeovers + deletions + requests
        + [
            .init(
                "detection.clearAt",
                \.detection.clearAt,
                .number(0.1...1),
                "Part of a threshold that keeps an alert open which is firing",
            ),
            .init(
                "detection.knownAddresses.days",
                \.detection.knownAddresses.days,
                .wholeNumber(1...3650),
                "Days after a user's last login from which on an address is not the user's own any more",
            ),
        ] + volume + allowed + lifecycle
        + [
            seconds(
                "operations.staleAfter",
                \.detection.operations.staleAfter,
                10...3600,
                "Seconds for which a batch of the feed may be overdue before data is stale",
            )
        ]

    private static let signIns: [ConfigurationKey] = [
        enabled("bruteForce", \.detection.bruteForce.isEnabled),
        .init(
            "detection.bruteForce.failures",
            \.detection.bruteForce.failures,
            .wholeNumber(2...1000),
            "Failed logins of one address or network",
        ),
        seconds("bruteForce.window", \.detection.bruteForce.window, 10...86_400, "In so many seconds"),
        .init(
            "detection.bruteForce.burstFailures",
            \.detection.bruteForce.burstFailures,
            .wholeNumber(2...1000),
            "The same for bursts",
        ),
        seconds("bruteForce.burstWindow", \.detection.bruteForce.burstWindow, 1...600, "In so many seconds"),
        .init(
            "detection.bruteForce.slowFailures",
            \.detection.bruteForce.slowFailures,
            .wholeNumber(2...1000),
            "The same for slow attacks, without failures of users at their own addresses",
        ),
        seconds("bruteForce.slowWindow", \.detection.bruteForce.slowWindow, 600...604_800, "In so many seconds"),
        enabled("passwordSpray", \.detection.passwordSpray.isEnabled),
        .init(
            "detection.passwordSpray.users",
            \.detection.passwordSpray.users,
            .wholeNumber(2...100),
            "Users whose logins fail at one address",
        ),
        seconds("passwordSpray.window", \.detection.passwordSpray.window, 60...86_400, "In so many seconds"),
        enabled("distributedBruteForce", \.detection.distributedBruteForce.isEnabled),
        .init(
            "detection.distributedBruteForce.failures",
            \.detection.distributedBruteForce.failures,
            .wholeNumber(2...1000),
            "Failed logins anywhere",
        ),
        .init(
            "detection.distributedBruteForce.addresses",
            \.detection.distributedBruteForce.addresses,
            .wholeNumber(2...100),
            "At so many addresses",
        ),
        seconds(
            "distributedBruteForce.window",
            \.detection.distributedBruteForce.window,
            60...86_400,
            "In so many seconds",
        ),
    ]

    private static let takeovers: [ConfigurationKey] = [
        enabled("takeover", \.detection.takeover.isEnabled),
        .init(
            "detection.takeover.failures",
            \.detection.takeover.failures,
            .wholeNumber(2...1000),
            "Failed logins before one that succeeds",
        ),
        seconds(
            "takeover.window",
            \.detection.takeover.window,
            60...604_800,
            "In so many seconds, without failures of users at their own addresses",
        ),
        seconds("takeover.rapidWindow", \.detection.takeover.rapidWindow, 10...86_400, "In so many seconds with them"),
        enabled("suspension", \.detection.suspension.isEnabled),
        .init(
            "detection.newAddress.users",
            \.detection.newAddress.users,
            .names("user ids"),
            "Privileged users that are told at addresses where they were not seen before; none switches it off",
        ),
    ]

    private static let deletions: [ConfigurationKey] = [
        enabled("massDelete", \.detection.massDelete.isEnabled),
        .init(
            "detection.massDelete.deletions",
            \.detection.massDelete.deletions,
            .wholeNumber(2...1000),
            "Deletions in one collection by one user",
        ),
        seconds("massDelete.window", \.detection.massDelete.window, 10...86_400, "In so many seconds"),
    ]

    private static let requests: [ConfigurationKey] = [
        enabled("excessiveRequests", \.detection.excessiveRequests.isEnabled),
        .init(
            "detection.excessiveRequests.limit",
            \.detection.excessiveRequests.limit,
            .wholeNumber(1...1_000_000),
            "Events allowed in an hour to an address or a user without history",
        ),
        .init(
            "detection.excessiveRequests.floor",
            \.detection.excessiveRequests.floor,
            .wholeNumber(1...1_000_000),
            "Events allowed in an hour to one with history at least",
        ),
        .init(
            "detection.excessiveRequests.deviations",
            \.detection.excessiveRequests.deviations,
            .number(1...100),
            "Standard deviations allowed above what is usual in that hour of the week",
        ),
        .init(
            "detection.excessiveRequests.ratio",
            \.detection.excessiveRequests.ratio,
            .number(1...100),
            "Times allowed of what is usual in that hour of the week",
        ),
        enabled("broadAccess", \.detection.broadAccess.isEnabled),
        .init(
            "detection.broadAccess.collections",
            \.detection.broadAccess.collections,
            .wholeNumber(1...50),
            "Collections allowed to one address in an hour",
        ),
        .init(
            "detection.broadAccess.events",
            \.detection.broadAccess.events,
            .wholeNumber(1...1_000_000),
            "Events from which on they matter",
        ),
        enabled("diverseActions", \.detection.diverseActions.isEnabled),
        .init(
            "detection.diverseActions.actions",
            \.detection.diverseActions.actions,
            .wholeNumber(1...25),
            "Kinds of actions allowed to one address in an hour",
        ),
        .init(
            "detection.diverseActions.events",
            \.detection.diverseActions.events,
            .wholeNumber(1...1_000_000),
            "Events from which on they matter",
        ),
    ]

    private static let allowed: [ConfigurationKey] = [
        .init(
            "detection.allow.addresses",
            \.detection.allow.addresses,
            .networks,
            "Addresses about which nothing is published",
        ),
        .init(
            "detection.allow.users",
            \.detection.allow.users,
            .names("user ids"),
            "Users about which nothing is published",
        ),
        .init(
            "detection.allow.rules",
            \.detection.allow.rules,
            .names(among: DetectionSettings.ruleNames + OperationalRule.allCases.map(\.rawValue)),
            "Rules of which nothing is published",
        ),
    ]

    private static let lifecycle: [ConfigurationKey] = [
        seconds(
            "quietPeriod",
            \.detection.lifecycle.quietPeriod,
            1...604_800,
            "Seconds without findings after which an alert is resolved",
        ),
        seconds(
            "repeatInterval",
            \.detection.lifecycle.repeatInterval,
            1...604_800,
            "Seconds after which an alert that stays open is published again",
        ),
        seconds(
            "pendingFor",
            \.detection.lifecycle.pendingFor,
            0...86_400,
            "Seconds that findings hold before an alert is published",
        ),
    ]

    private static func enabled(
        _ rule: String,
        _ path: any WritableKeyPath<DaemonConfiguration, Bool> & Sendable,
    ) -> ConfigurationKey {
        .init("detection.\(rule).enabled", path, .boolean, "Whether this is looked for")
    }

    private static func seconds(
        _ name: String,
        _ path: any WritableKeyPath<DaemonConfiguration, Int> & Sendable,
        _ range: ClosedRange<Int>,
        _ summary: String,
    ) -> ConfigurationKey {
        .init("detection.\(name)", path, .wholeNumber(range), summary)
    }

    /// What is suspicious, as a Markdown table, for the README.
    package static var detectionReference: String { table(of: detection) }
}
