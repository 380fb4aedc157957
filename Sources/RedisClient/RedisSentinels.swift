/// The sentinels that watch over a master, and the name by which they know it.
public struct RedisSentinels: Sendable, Hashable {
    /// Where one sentinel listens.
    public struct Node: Sendable, Hashable {
        /// A host name or IP address, IPv6 without brackets.
        public var host: String
        /// From 1 to 65535; 26379 is usual.
        public var port: Int

        /// A sentinel there.
        public init(host: String, port: Int = 26_379) {
            self.host = host
            self.port = port
        }
    }

    /// The sentinels, in the order in which they are first asked; at least one.
    public var nodes: [Node]

    /// The name that `sentinel monitor` gives to the master.
    public var masterName: String

    /// The ACL user of the sentinels, which have their own; nil for their `default` user.
    public var username: String?

    /// The password of the sentinels, which is not that of the master; nil sends them no `AUTH`.
    public var password: String?

    /// The time between two questions whether a connection still leads to the master. 2 seconds.
    public var checkInterval: Duration = .seconds(2)

    /// Sentinels that demand no password.
    public init(_ nodes: [Node], masterName: String) {
        self.nodes = nodes
        self.masterName = masterName
    }
}

extension RedisSentinels.Node {
    var address: RedisAddress { .tcp(host: host, port: port) }
}

extension RedisSentinels: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The master's name and the sentinels, never their credentials.
    public var description: String { "the master \(masterName) of the sentinels \(hosts)" }

    /// The same as the description.
    public var debugDescription: String { description }

    /// Nothing but the description, so that `dump` shows no credentials either.
    public var customMirror: Mirror { Mirror(self, children: ["sentinels": description]) }

    /// As in a URL: `host:port,host:port`.
    var hosts: String { nodes.map(\.address.description).joined(separator: ",") }
}
