/// Everything about detection that can be configured; the initial values are the defaults. Times are in seconds.
public struct DetectionSettings: Sendable, Hashable {
    /// Many failed sign-ins from one address or network.
    public var bruteForce = BruteForce()
    /// Failed sign-ins of many users from one address.
    public var passwordSpray = PasswordSpray()
    /// Failed sign-ins from many addresses at a time.
    public var distributedBruteForce = DistributedBruteForce()
    /// A sign-in that succeeds after many that failed.
    public var takeover = Takeover()
    /// Suspensions by Directus.
    public var suspension = Suspension()
    /// Many deletions by one user.
    public var massDelete = MassDelete()
    /// Privileged users at addresses that are new for them.
    public var newAddress = NewAddress()
    /// Many events of one address or user.
    public var excessiveRequests = ExcessiveRequests()
    /// Many collections.
    public var broadAccess = BroadAccess()
    /// Many actions.
    public var diverseActions = DiverseActions()
    /// Which addresses are a user's own.
    public var knownAddresses = KnownAddresses()
    /// Unusual numbers of events altogether.
    public var volume = VolumeSettings()
    /// Whom and what never to tell anybody about.
    public var allow = AllowList()
    /// The daemon's own troubles.
    public var operations = Operations()
    /// How findings become alerts.
    public var lifecycle = Lifecycle()
    /// The part of a threshold above which an alert stays open that is firing, 0.1 to 1.
    public var clearAt = 0.8

    /// The defaults.
    public init() {}

    /// The names of all rules, as findings have them.
    public static let ruleNames = [
        "brute-force", "password-spray", "distributed-brute-force", "takeover", "suspension", "mass-delete",
        "new-address", "excessive-requests", "broad-access", "diverse-actions", "volume",
    ]
}

extension DetectionSettings {
    /// `brute-force`: failures of one address; and of its /24 (IPv4) or /64 (IPv6), when two of its addresses fail.
    public struct BruteForce: Sendable, Hashable {
        /// Whether it is looked for.
        public var isEnabled = true
        /// Failures that are an attack, 2 to 1,000.
        public var failures = 5
        /// In so much time, 10 to 86,400 s.
        public var window = 600
        /// Failures that are a burst, 2 to 1,000.
        public var burstFailures = 5
        /// In so much time, 1 to 600 s.
        public var burstWindow = 10
        /// Failures that are a slow attack, 2 to 1,000. Those of users at their own addresses are not counted.
        public var slowFailures = 5
        /// In so much time, 600 to 604,800 s.
        public var slowWindow = 86_400

        /// The defaults.
        public init() {}
    }

    /// `password-spray`.
    public struct PasswordSpray: Sendable, Hashable {
        /// Whether it is looked for.
        public var isEnabled = true
        /// Different users that fail at one address, 2 to 100.
        public var users = 5
        /// In so much time, 60 to 86,400 s.
        public var window = 600

        /// The defaults.
        public init() {}
    }

    /// `distributed-brute-force`.
    public struct DistributedBruteForce: Sendable, Hashable {
        /// Whether it is looked for.
        public var isEnabled = true
        /// Failures anywhere, 2 to 1,000.
        public var failures = 20
        /// At so many addresses, 2 to 100.
        public var addresses = 10
        /// In so much time, 60 to 86,400 s.
        public var window = 600

        /// The defaults.
        public init() {}
    }

    /// `takeover`.
    public struct Takeover: Sendable, Hashable {
        /// Whether it is looked for.
        public var isEnabled = true
        /// Failures before the success, 2 to 1,000.
        public var failures = 5
        /// How long before, 60 to 604,800 s. Failures of users at their own addresses are not counted.
        public var window = 86_400
        /// How long before failures count even where users fail at their own addresses, 10 to 86,400 s.
        public var rapidWindow = 600

        /// The defaults.
        public init() {}
    }

    /// `suspension`.
    public struct Suspension: Sendable, Hashable {
        /// Whether it is looked for.
        public var isEnabled = true

        /// The defaults.
        public init() {}
    }

    /// `mass-delete`.
    public struct MassDelete: Sendable, Hashable {
        /// Whether it is looked for.
        public var isEnabled = true
        /// Deletions in one collection by one user, 2 to 1,000.
        public var deletions = 20
        /// In so much time, 10 to 86,400 s.
        public var window = 300

        /// The defaults.
        public init() {}
    }

    /// `new-address`, which is off without users.
    public struct NewAddress: Sendable, Hashable {
        /// The ids of privileged users.
        public var users: Set<String> = []

        /// The defaults.
        public init() {}
    }

    /// `excessive-requests`, for addresses and for users, in a sliding hour.
    public struct ExcessiveRequests: Sendable, Hashable {
        /// Whether it is looked for.
        public var isEnabled = true
        /// Events that are allowed to whoever has no history, 1 to 1,000,000.
        public var limit = 500
        /// Events that are allowed to whoever has one, however quiet, 1 to 1,000,000.
        public var floor = 100
        /// Standard deviations above the usual that are allowed, 1 to 100.
        public var deviations = 6.0
        /// Times the usual that are allowed, 1 to 100.
        public var ratio = 3.0

        /// The defaults.
        public init() {}
    }

    /// `broad-access`, with a risk that is medium at least, in a sliding hour.
    public struct BroadAccess: Sendable, Hashable {
        /// Whether it is looked for.
        public var isEnabled = true
        /// Collections that are allowed to one address, 1 to 50.
        public var collections = 10
        /// Events from which on it is looked at, 1 to 1,000,000.
        public var events = 100

        /// The defaults.
        public init() {}
    }

    /// `diverse-actions`, with a risk that is medium at least, in a sliding hour.
    public struct DiverseActions: Sendable, Hashable {
        /// Whether it is looked for.
        public var isEnabled = true
        /// Actions that are allowed to one address, 1 to 25.
        public var actions = 4
        /// Events from which on it is looked at, 1 to 1,000,000.
        public var events = 100

        /// The defaults.
        public init() {}
    }

    /// Addresses at which users have signed in.
    public struct KnownAddresses: Sendable, Hashable {
        /// Days after the last sign-in from which on an address is forgotten, 1 to 3,650.
        public var days = 90

        /// The defaults.
        public init() {}
    }

    /// Alerts about the daemon itself.
    public struct Operations: Sendable, Hashable {
        /// Data is stale when a batch of the feed is overdue for so long, 10 to 3,600 s.
        public var staleAfter = 60

        /// The defaults.
        public init() {}
    }

    /// How findings become alerts.
    public struct Lifecycle: Sendable, Hashable {
        /// Without findings for so long an alert is resolved, 1 to 604,800 s.
        public var quietPeriod = 900
        /// An alert that stays open is told again after so long, 1 to 604,800 s.
        public var repeatInterval = 14_400
        /// Findings have to hold for so long before they are told, 0 to 86,400 s.
        public var pendingFor = 0

        /// The defaults.
        public init() {}
    }
}
