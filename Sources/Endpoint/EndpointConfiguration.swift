/// Where the endpoint listens, and the bounds within which it answers.
package struct EndpointConfiguration: Sendable {
    /// Where to listen.
    package var listeners: [Listener]
    /// Who may come, and how often.
    package var rules: AccessRules
    /// How often a new generation is due: decides `max-age`, and when an answer counts as stale.
    package var refreshInterval: Duration
    /// The `Server` field of all answers; none when nil.
    package var serverName: String?

    /// A connection without a request in progress is closed after so long.
    package var idleTimeout = Duration.seconds(75)
    /// The head of a request must have arrived so long after its first byte.
    package var headDeadline = Duration.seconds(10)
    /// The body of a request must have arrived so long after its head.
    package var bodyDeadline = Duration.seconds(10)
    /// A client must take something of what waits for it in so long.
    package var writeStall = Duration.seconds(30)
    /// Connections that are open at the same time, on listeners of readers and of administrators each: readers who fill
    /// theirs must not keep a scraper out.
    package var connections = 10_000
    /// Those of them from one address; trusted proxies may have more.
    package var connectionsPerAddress = 256
    /// How long `/readyz` says that the endpoint is draining before it stops accepting.
    package var drainNotice = Duration.zero
    /// How long connections of a socket that was handed over wait for the first documents.
    package var handoverPatience = Duration.seconds(5)
    /// How long draining waits for the first request of a connection.
    package var firstRequestPatience = Duration.seconds(2)
    /// How long draining waits for another request of a connection that has asked before: it may be on its way.
    package var nextRequestPatience = Duration.seconds(1)
    /// What is in flight when draining is cut off after so long.
    package var drainTimeout = Duration.seconds(10)

    /// Documents that are computed at the same time.
    package var computations = 2
    /// Computations that may wait for their turn; a reader beyond is told to come again.
    package var waitingComputations = 64
    /// The most answers, and the most documents computed on demand, that are kept.
    package var keptDocuments = 1024
    /// The most bytes of either that are kept.
    package var keptBytes = 64 << 20

    /// Streams of alerts that are open at the same time; a reader beyond is told to come again.
    package var alertStreams = 1000
    /// Events that a stream of alerts makes up for before it tells its reader to fetch the rest.
    package var alertReplay = 1000
    /// How often the endpoint looks for new alerts when nobody tells of them, while there are streams.
    package var alertPoll = Duration.seconds(1)
    /// How often streams of alerts carry a comment, so that nothing between takes them for dead.
    package var alertHeartbeat = Duration.seconds(15)

    /// A configuration with the usual bounds.
    package init(
        listeners: [Listener],
        refreshInterval: Duration = .seconds(60),
        rules: AccessRules = AccessRules(),
        serverName: String? = "activityd",
    ) {
        self.listeners = listeners
        self.refreshInterval = refreshInterval
        self.rules = rules
        self.serverName = serverName
    }

    /// A configuration with one listener for readers.
    package init(host: String = "127.0.0.1", port: Int = 3000) {
        self.init(listeners: [Listener(.http, .tcp(host: host, port: port))])
    }
}
