import NIOCore
import NIOPosix

/// A client that sends and never reads.
enum SilentReader {
    static func connect(to address: SocketAddress, sending text: String) async throws -> any Channel {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.autoRead, value: false)
            .channelOption(.socketOption(.so_rcvbuf), value: 4096)
            .connect(to: address)
            .get()
        try await channel.writeAndFlush(ByteBuffer(string: text))
        return channel
    }
}
