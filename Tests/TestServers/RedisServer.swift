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
        port = try FreePort.find()
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

    static func makeDirectory() throws -> URL {
        var template = Array("/tmp/activityd-redis-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw Failure(description: "no directory in /tmp: \(String(cString: strerror(errno)))")
        }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return URL(filePath: path, directoryHint: .isDirectory)
    }
}
