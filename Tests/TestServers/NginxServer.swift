import Dispatch
import Foundation
import Glibc

/// A throw-away nginx that passes everything on to one server, as its defaults have it.
package final class NginxServer: Sendable {
    /// Where it listens, on 127.0.0.1.
    package let port: Int
    private let process: pid_t
    private let directory: DisposableDirectory

    /// Serves during the body, then ends.
    ///
    /// - Parameters:
    ///   - upstream: host and port of the server.
    ///   - directives: what else the proxy is told.
    ///   - isolation: the caller's.
    ///   - body: gets the proxy.
    /// - Returns: what the body returns.
    /// - Throws: what the body throws, or `Subprocess.Failure` when nginx does not listen.
    package static func with<Result: Sendable>(
        passingTo upstream: String,
        _ directives: String = "",
        isolation: isolated (any Actor)? = #isolation,
        _ body: (NginxServer) async throws -> Result,
    ) async throws -> Result {
        let server = try await NginxServer(passingTo: upstream, directives)
        defer { server.end() }
        try await eventually("nginx listens") { server.isListening }
        return try await body(server)
    }

    private init(passingTo upstream: String, _ directives: String) async throws {
        directory = try await DisposableDirectory()
        port = try FreePort.find()
        let path = directory.path
        try Self.configuration(path, port: port, upstream, directives)
            .write(toFile: "\(path)/nginx.conf", atomically: true, encoding: .utf8)
        process = try Subprocess.start(["nginx", "-p", path, "-c", "\(path)/nginx.conf", "-e", "\(path)/error.log"])
    }

    /// It is waited for elsewhere: whoever blocks here would keep other tests from running.
    private func end() {
        kill(process, SIGTERM)
        let process = self.process
        DispatchQueue(label: "TestServers.reaper").async { _ = Subprocess.reap(process) }
    }

    private var isListening: Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        address.sin_port = UInt16(port).bigEndian
        return withUnsafeBytes(of: &address) { bytes in
            guard let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return false }
            return connect(descriptor, pointer, socklen_t(bytes.count)) == 0
        }
    }

    /// Debian's, with the paths that a private server needs, and nothing said about the proxy but where it leads.
    private static func configuration(_ path: String, port: Int, _ upstream: String, _ directives: String) -> String {
        """
        daemon off;
        master_process off;
        pid \(path)/nginx.pid;
        events {}
        http {
            access_log off;
            client_body_temp_path \(path)/body;
            proxy_temp_path \(path)/proxy;
            fastcgi_temp_path \(path)/fastcgi;
            uwsgi_temp_path \(path)/uwsgi;
            scgi_temp_path \(path)/scgi;
            server {
                listen 127.0.0.1:\(port);
                location / {
                    proxy_pass http://\(upstream);
                    \(directives)
                }
            }
        }
        """
    }
}
