import Foundation

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

    private func end() {
        kill(process, SIGQUIT)
        _ = Subprocess.reap(process)
    }

    private var isListening: Bool {
        (try? String(contentsOfFile: "/proc/net/tcp", encoding: .utf8))?
            .contains(String(format: "0100007F:%04X 00000000:0000 0A", port)) == true
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
