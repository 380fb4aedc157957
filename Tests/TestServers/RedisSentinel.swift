import Foundation
import Synchronization

/// A throw-away sentinel on 127.0.0.1; it ends with ``stop()`` or with the test process.
package final class RedisSentinel: Sendable {
    /// The name by which it knows its master.
    package static let masterName = "mymaster"

    /// The port on 127.0.0.1.
    package let port: Int

    private let directory: URL
    private let process: Mutex<RedisProcess?>

    private init(port: Int, directory: URL, process: RedisProcess) {
        self.port = port
        self.directory = directory
        self.process = Mutex(process)
    }

    /// Starts one that takes a master for down that was silent for half a second, and waits until it answers.
    ///
    /// - Parameters:
    ///   - master: The port of the master on 127.0.0.1.
    ///   - quorum: The number of sentinels that have to find it down.
    ///   - configuration: More lines of its configuration, such as `requirepass secret`.
    /// - Returns: The sentinel; stop it when the test is over.
    /// - Throws: What kept it from starting.
    package static func start(
        master: Int,
        quorum: Int = 1,
        configuration: [String] = [],
    ) async throws -> RedisSentinel {
        let monitor = [
            "sentinel monitor \(masterName) 127.0.0.1 \(master) \(quorum)",
            "sentinel down-after-milliseconds \(masterName) 500", "sentinel failover-timeout \(masterName) 5000",
        ]
        for _ in 0..<5 {
            let sentinel = try launch(monitor + configuration)
            try await eventually("the sentinel answers or ends") { sentinel.isReady || !sentinel.isRunning }
            if sentinel.isRunning { return sentinel }
            // Another process may have been faster with the port.
            await sentinel.stop()
        }
        throw RedisServer.Failure(description: "the sentinel ended five times while it started")
    }

    private static func launch(_ configuration: [String]) throws -> RedisSentinel {
        let port = try FreePort.find()
        let directory = try RedisServer.makeDirectory()
        let lines = [
            "port \(port)", "bind 127.0.0.1", "dir \(directory.path)", "unixsocket \(directory.path)/redis.sock",
        ]
        let file = directory.appending(path: "sentinel.conf")
        let text = (lines + configuration).joined(separator: "\n") + "\n"
        try text.write(to: file, atomically: true, encoding: .utf8)
        let log = directory.appending(path: "redis.log").path
        let process = try RedisProcess.launch(
            arguments: [file.path, "--sentinel"],
            directory: directory,
            logPath: log,
        )
        return RedisSentinel(port: port, directory: directory, process: process)
    }

    private var isReady: Bool { RedisProbe.answers(socketPath: "\(directory.path)/redis.sock") }

    private var isRunning: Bool { process.withLock { $0?.isRunning ?? false } }

    /// Whether it knows so many other sentinels, and a replica.
    func knows(sentinels: Int) -> Bool {
        let path = directory.appending(path: "redis.log").path
        let log = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return log.ranges(of: "+sentinel sentinel ").count == sentinels && log.contains("+slave slave ")
    }

    /// Ends it at once.
    package func kill9() async {
        let running = process.withLock { $0.take() }
        await running?.kill9()
    }

    /// Ends it at once and removes its directory.
    package func stop() async {
        await kill9()
        try? FileManager.default.removeItem(at: directory)
    }
}
