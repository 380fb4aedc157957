import NIOCore
import NIOPosix

/// One `GET` to a daemon's listener by HTTP/1.0, so that the end of the connection ends the answer.
struct LocalRequest {
    let place: ListenPlace

    /// For the connection, and again for the answer.
    private static let timeout = TimeAmount.seconds(2)

    /// Sends the request and waits for the answer.
    ///
    /// - Parameter path: the target, such as `/api/health`.
    /// - Returns: the body; nil when the answer has another status than 200.
    /// - Throws: `LocalRequestError` when nobody answers there within four seconds.
    func get(_ path: String) async throws(LocalRequestError) -> [UInt8]? {
        do {
            let answer = try await exchange("GET \(path) HTTP/1.0\r\nHost: localhost\r\n\r\n")
            guard let end = answer.firstRange(of: Array("\r\n\r\n".utf8)) else {
                throw LocalRequestError(place: place, reason: "what listens there does not speak HTTP")
            }
            // HTTP/1.1 200 OK
            let status = answer.split(separator: UInt8(ascii: " "), maxSplits: 2).dropFirst().first
            return status?.elementsEqual("200".utf8) ?? false ? Array(answer[end.upperBound...]) : nil
        } catch let error as LocalRequestError {
            throw error
        } catch {
            throw LocalRequestError(place: place, reason: "nobody answers")
        }
    }

    private func exchange(_ request: String) async throws -> [UInt8] {
        let channel = try await connect()
        let deadline = channel.channel.eventLoop.scheduleTask(in: Self.timeout) {
            channel.channel.close(promise: nil)
        }
        defer { deadline.cancel() }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: request))
            var answer: [UInt8] = []
            for try await part in inbound { answer += part.readableBytesView }
            return answer
        }
    }

    private func connect() async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connectTimeout(Self.timeout)
        let wrap: @Sendable (any Channel) -> EventLoopFuture<NIOAsyncChannel<ByteBuffer, ByteBuffer>> = { channel in
            channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel(wrappingChannelSynchronously: channel) }
        }
        return switch place {
        case .address(let address):
            try await bootstrap.connect(host: address.reachableHost, port: address.port, channelInitializer: wrap)
        case .socket(let path): try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: wrap)
        }
    }
}

extension ListenAddress {
    /// Where this machine reaches what listens on all addresses.
    fileprivate var reachableHost: String {
        switch host {
        case "0.0.0.0": "127.0.0.1"
        case "::": "::1"
        default: host
        }
    }
}

/// A daemon's listener gives no answer.
package struct LocalRequestError: Error, CustomStringConvertible {
    let place: ListenPlace
    let reason: String

    package var description: String { "\(place): \(reason); accepted is http.adminListen or http.listen of a daemon" }
}
