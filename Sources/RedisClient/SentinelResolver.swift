import NIOCore
import Synchronization

/// Asks sentinels where the master is, one after the other, until one of them says.
///
/// Source: <https://redis.io/docs/latest/develop/reference/sentinel-clients/>.
final class SentinelResolver: Sendable {
    /// What a sentinel said.
    struct Answer {
        let master: RedisAddress
        let sentinel: RedisSentinels.Node
    }

    let sentinels: RedisSentinels
    private let configuration: RedisConfiguration
    private let eventLoopGroup: any EventLoopGroup

    /// The sentinel to ask first is the one that has answered last.
    private let order: Mutex<[RedisSentinels.Node]>

    /// - Parameters:
    ///   - sentinels: Whom to ask.
    ///   - configuration: That of the master; sentinels are spoken to with the same TLS and in the same time.
    ///   - eventLoopGroup: What the connections to the sentinels live on.
    init(_ sentinels: RedisSentinels, _ configuration: RedisConfiguration, _ eventLoopGroup: any EventLoopGroup) {
        self.sentinels = sentinels
        self.configuration = configuration
        self.eventLoopGroup = eventLoopGroup
        order = Mutex(sentinels.nodes)
    }

    /// Where the master is, found within the time to connect: each sentinel may take its share of what is left of it.
    ///
    /// - Throws: ``RedisError`` with what each sentinel said, or ``RedisError/Code/cancelled``.
    func resolve() async throws(RedisError) -> Answer {
        var refusals: [RedisError] = []
        let deadline = ContinuousClock.now + configuration.connectTimeout
        let nodes = order.withLock { $0 }
        for (index, node) in nodes.enumerated() {
            let share = ContinuousClock.now.duration(to: deadline) / (nodes.count - index)
            do throws(RedisError) {
                let master = try await ask(node, within: share)
                prefer(node)
                return Answer(master: master, sentinel: node)
            } catch  where error.code != .cancelled {
                refusals.append(error)
            }
        }
        throw noAnswer(refusals)
    }

    /// The master was not where this sentinel said: another is asked first next time, should this one be cut off.
    func distrust(_ node: RedisSentinels.Node) {
        order.withLock { order in
            guard order.first == node else { return }
            order.append(order.removeFirst())
        }
    }

    private func prefer(_ node: RedisSentinels.Node) {
        order.withLock { order in
            guard let position = order.firstIndex(of: node) else { return }
            order.insert(order.remove(at: position), at: 0)
        }
    }

    private func noAnswer(_ refusals: [RedisError]) -> RedisError {
        let codes = Set(refusals.map(\.code))
        let reasons = refusals.map(\.message).joined(separator: "; ")
        return RedisError(
            code: codes.count == 1 ? refusals[0].code : .connectionFailed,
            message: "no sentinel says where the master \(sentinels.masterName) is: \(reasons)",
        )
    }
}

extension SentinelResolver {
    /// TCP, the greeting and the question have a third of the time each.
    private func ask(_ node: RedisSentinels.Node, within limit: Duration) async throws(RedisError) -> RedisAddress {
        let timeout = max(limit / 3, .milliseconds(1))
        let connection = try await connect(to: node, within: timeout)
        defer { connection.close() }
        let name = RedisArgument(sentinels.masterName)
        let question = RedisCommand("SENTINEL", "get-master-addr-by-name", name)
        switch try await connection.perform([question], timeout: timeout) {
        case .answered(let replies): return try master(in: replies.first ?? .null, of: node)
        case .lost(_, let reason), .rejected(let reason): throw Self.refusal(of: node, reason.code, reason.message)
        }
    }

    private func connect(
        to node: RedisSentinels.Node,
        within timeout: Duration,
    ) async throws(RedisError) -> RedisConnection {
        var sentinel = RedisConfiguration(
            address: node.address,
            username: sentinels.username,
            password: sentinels.password,
            database: 0,
            tls: configuration.tls,
        )
        sentinel.connectTimeout = timeout
        sentinel.clientName = configuration.clientName
        do throws(RedisError) {
            return try await RedisConnector(configuration: sentinel, eventLoopGroup: eventLoopGroup).connect()
        } catch  where error.code == .authenticationFailed {
            let hint = "sentinels have their own: sentinelUsername= and sentinelPassword="
            throw RedisError(code: error.code, message: "\(error.message); \(hint)")
        }
    }

    private func master(in reply: RESPValue, of node: RedisSentinels.Node) throws(RedisError) -> RedisAddress {
        switch reply {
        case .null:
            throw Self.refusal(of: node, .connectionFailed, "this sentinel knows no master of that name")
        case .error(let text):
            let error = RedisError.server(text, command: "SENTINEL")
            throw Self.refusal(of: node, .connectionFailed, error.message)
        default:
            guard let address = Self.address(in: reply) else {
                throw Self.refusal(of: node, .protocolViolation, "the answer is no host and port")
            }
            return address
        }
    }

    /// What is no address is not shown to anyone either, hence the narrow rules.
    private static func address(in reply: RESPValue) -> RedisAddress? {
        guard let elements = reply.elements, elements.count == 2, let host = elements[0].text,
            let port = elements[1].int, 1...65_535 ~= port
        else { return nil }
        let isHost = 1...255 ~= host.utf8.count && host.utf8.allSatisfy { 0x21...0x7E ~= $0 }
        return isHost ? .tcp(host: host, port: Int(port)) : nil
    }

    private static func refusal(
        of node: RedisSentinels.Node,
        _ code: RedisError.Code,
        _ reason: String,
    ) -> RedisError {
        RedisError(code: code, message: "\(node.address): \(reason)")
    }
}
