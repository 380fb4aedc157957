import NIOCore
import NIOPosix
import NIOSSL

extension RedisConnector {
    /// Made anew for each connection, so that a renewed authority file counts; on a thread that may block.
    func tlsContext() async throws(RedisError) -> NIOSSLContext? {
        guard let tls = configuration.tls, case .tcp = configuration.address else { return nil }
        do {
            return try await NIOThreadPool.singleton.runIfActive {
                try NIOSSLContext(configuration: Self.tlsConfiguration(tls))
            }
        } catch {
            throw failed("TLS cannot be set up: \(ErrorText.of(error))")
        }
    }

    private static func tlsConfiguration(_ tls: RedisTLS) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = tls.verifiesServer ? .fullVerification : .none
        if let file = tls.authorityFile { configuration.trustRoots = .file(file) }
        return configuration
    }

    /// A name is sent to the server (SNI) and checked; of an IP address only the certificate's list is checked.
    func tlsHandler(_ context: NIOSSLContext) throws -> NIOSSLClientHandler {
        guard case .tcp(let host, _) = configuration.address, !Self.isIPAddress(host) else {
            return try NIOSSLClientHandler(context: context, serverHostname: nil)
        }
        return try NIOSSLClientHandler(context: context, serverHostname: host)
    }

    private static func isIPAddress(_ host: String) -> Bool {
        (try? SocketAddress(ipAddress: host, port: 0)) != nil
    }
}
