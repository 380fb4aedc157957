/// Where Redis is and how to talk to it.
public struct RedisConfiguration: Sendable, Hashable {
    /// Where the server listens.
    public var address: RedisAddress

    /// The ACL user; nil for the server's `default` user.
    public var username: String?

    /// The password; nil sends no `AUTH` at all.
    public var password: String?

    /// The number of the database, from 0.
    public var database: Int

    /// How TLS is done, with sentinels as well; nil for none. Ignored on a Unix socket.
    public var tls: RedisTLS?

    /// The time that a connection may take for TCP, and again for TLS with the greeting. 5 seconds.
    ///
    /// Where sentinels are asked first, they together may take it too, and the master to say that it is one.
    public var connectTimeout: Duration = .seconds(5)

    /// The time from sending a command to its reply, and the time to wait for a connection before. 5 seconds.
    public var commandTimeout: Duration = .seconds(5)

    /// What `CLIENT LIST` shows; empty for none. Spaces and control characters are refused by the server.
    public var clientName = "activityd"

    /// The number of events that a subscription keeps for a consumer that is busy. 1,024.
    public var subscriptionBuffer = 1_024

    /// Reads a URL in one of four forms.
    ///
    /// - `redis://[user[:password]@]host[:port][/database]`
    /// - `rediss://…` the same with TLS, and `?cafile=/path.pem` or `?verify=none` after it
    /// - `redis-sentinel://[user[:password]@]host[:port][,host[:port]…][/database]?master=name`: the master of that name,
    ///   which those sentinels know; user and password are the master's. Sentinels that demand their own find it in
    ///   `&sentinelUsername=` and `&sentinelPassword=`. `rediss-sentinel://…` is the same with TLS to both.
    /// - `unix://[user[:password]@]/path/to.sock[?db=number]`
    ///
    /// The port is 6379, that of a sentinel 26379, and the database 0 unless given. User, password, path and parameters
    /// are percent-decoded; an IPv6 address stands in brackets. `redis://:password@host` is a password without a user.
    ///
    /// - Parameter url: The URL.
    /// - Throws: ``RedisError/Code/invalidURL``, naming the part that was refused but not its text, because a
    ///   misplaced `/` or `@` makes a part of any password.
    public init(url: String) throws(RedisError) {
        self = try RedisURL(url).configuration()
    }

    init(address: RedisAddress, username: String?, password: String?, database: Int, tls: RedisTLS?) {
        self.address = address
        self.username = username
        self.password = password
        self.database = database
        self.tls = tls
    }
}

extension RedisConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The address and the database, never the credentials.
    public var description: String {
        switch address {
        case .tcp: "\(tls == nil ? "redis" : "rediss")://\(address)/\(database)"
        case .unix: "unix://\(address)?db=\(database)"
        case .master(let sentinels):
            "\(tls == nil ? "redis" : "rediss")-sentinel://\(sentinels.hosts)/\(database)?master=\(sentinels.masterName)"
        }
    }

    /// The same as the description.
    public var debugDescription: String { description }

    /// Nothing but the description, so that `dump` shows no credentials either.
    public var customMirror: Mirror { Mirror(self, children: ["url": description]) }
}
