/// Where a server listens.
public enum RedisAddress: Sendable, Hashable {
    /// A host name or IP address (IPv6 without brackets) and a port.
    case tcp(host: String, port: Int)
    /// The path of a Unix domain socket, at most 107 bytes.
    case unix(path: String)
    /// Wherever the sentinels say that the master is.
    case master(RedisSentinels)
}

extension RedisAddress: CustomStringConvertible {
    /// `host:port`, with IPv6 in brackets, the path, or the master's name and the sentinels.
    public var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): path
        case .master(let sentinels): sentinels.description
        }
    }
}
