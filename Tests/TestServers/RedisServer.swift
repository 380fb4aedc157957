public import Foundation
import Glibc
import Synchronization

/// A throw-away Redis for tests: 127.0.0.1 on a free port, a Unix socket, nothing kept on disk.
///
/// It ends with ``stop()`` or with the test process, however that ends: a small watchdog holds the other end of a
/// pipe, and kills the server and removes its directory when the pipe closes.
public final class RedisServer: Sendable {
    /// Why there is no server.
    public struct Failure: Error, CustomStringConvertible {
        /// What went wrong, with the end of the server's log.
        public let description: String
    }

    /// The port on 127.0.0.1.
    public let port: Int

    /// A private directory, removed by ``stop()``.
    public let directory: URL

    let options: [String]
    let process = Mutex<RedisProcess?>(nil)

    private static let sharedStart = Task { try await RedisServer.start() }

    /// One server for all tests that use keys of their own; it is never stopped before the process ends.
    public static var shared: RedisServer {
        get async throws { try await sharedStart.value }
    }

    private init(options: [String], configuration: [String]) throws {
        self.options = options
        port = try Self.freePort()
        directory = try Self.makeDirectory()
        let text = configuration.map { $0 + "\n" }.joined()
        try text.write(toFile: configurationPath, atomically: true, encoding: .utf8)
    }

    /// Starts a server and waits until it answers.
    ///
    /// - Parameters:
    ///   - options: More arguments for `redis-server`, which win over ours: `["--requirepass", "secret"]`.
    ///   - configuration: Lines of its configuration file, which it may rewrite.
    /// - Returns: The server; stop it when the test is over.
    /// - Throws: ``Failure`` when there is no `redis-server`, or it does not answer within 10 seconds.
    public static func start(options: [String] = [], configuration: [String] = []) async throws -> RedisServer {
        var attempt = 1
        while true {
            let server = try RedisServer(options: options, configuration: configuration)
            do {
                try await server.startAgain()
                return server
            } catch let failure as Failure where failure.description.contains("in use") && attempt < 5 {
                // Another process was faster with the port.
                attempt += 1
            }
        }
    }

    /// `redis://127.0.0.1:port`, without credentials.
    public var url: String { "redis://127.0.0.1:\(port)" }

    /// The same server through its socket.
    public var unixURL: String { "unix://\(socketPath)" }

    var socketPath: String { directory.appending(path: "redis.sock").path }

    var configurationPath: String { directory.appending(path: "redis.conf").path }

    var logPath: String { directory.appending(path: "redis.log").path }

    /// A port that was free a moment ago, for options such as `--tls-port`.
    public static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(description: "no socket: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 ? getsockname(descriptor, generic, &length) : -1
            }
        }
        guard status == 0 else { throw Failure(description: "no free port: \(String(cString: strerror(errno)))") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    static func makeDirectory() throws -> URL {
        var template = Array("/tmp/activityd-redis-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw Failure(description: "no directory in /tmp: \(String(cString: strerror(errno)))")
        }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return URL(filePath: path, directoryHint: .isDirectory)
    }
}
