import NIOCore
import NIOPosix
import NIOSSL

/// What NIO's and TLS's errors say in a line.
enum ErrorText {
    static func of(_ error: any Error) -> String {
        switch error {
        case let error as RedisError: error.message
        case let error as NIOConnectionError: of(error)
        case let error as IOError: error.description
        case ChannelError.connectTimeout(let time): "no connection within \(time.nanoseconds / 1_000_000) ms"
        case NIOSSLError.handshakeFailed(let cause): "the TLS handshake failed: \(cause)"
        case NIOSSLError.uncleanShutdown: "the server closed the connection without a TLS goodbye"
        default: "\(error)"
        }
    }

    /// The first thing that went wrong with an address, else with the name.
    private static func of(_ error: NIOConnectionError) -> String {
        if let attempt = error.connectionErrors.first { return of(attempt.error) }
        if let failure = error.dnsAError ?? error.dnsAAAAError { return "the name does not resolve: \(of(failure))" }
        return "the name has no address"
    }
}
