import Foundation
import Glibc
import Synchronization

extension RedisServer {
    /// Starts the server on the same port and with the same options, with no data, after ``kill9()``.
    ///
    /// - Throws: ``Failure`` when it does not answer within 10 seconds.
    public func startAgain() async throws {
        precondition(process.withLock { $0 == nil }, "the server is started while it runs")
        let started = try RedisProcess.launch(arguments: arguments, directory: directory, logPath: logPath)
        process.withLock { $0 = started }
        do {
            try await waitUntilReady(started)
        } catch {
            await stop()
            throw error
        }
    }

    /// Ends the server at once and removes its directory; harmless when it has ended.
    public func stop() async {
        await kill9()
        try? FileManager.default.removeItem(at: directory)
    }

    /// Ends the server with SIGKILL, as a crash would; ``startAgain()`` may follow.
    public func kill9() async {
        let running = process.withLock { process in
            defer { process = nil }
            return process
        }
        await running?.kill9()
    }

    /// Stops the server with SIGSTOP: its port accepts, and nothing answers.
    public func pause() {
        process.withLock { $0 }?.send(SIGSTOP)
    }

    /// Lets the server go on after ``pause()``.
    public func resume() {
        process.withLock { $0 }?.send(SIGCONT)
    }

    private var arguments: [String] {
        let ours = [
            configurationPath, "--port", "\(port)", "--bind", "127.0.0.1", "--unixsocket", socketPath, "--dir",
            directory.path,
            "--save", "", "--appendonly", "no", "--daemonize", "no",
        ]
        return ours + options
    }

    private func waitUntilReady(_ process: RedisProcess) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while !RedisProbe.answers(socketPath: socketPath) {
            guard process.isRunning else { throw Failure(description: "redis-server ended: \(endOfLog)") }
            guard ContinuousClock.now < deadline else {
                throw Failure(description: "redis-server did not answer within 10 s: \(endOfLog)")
            }
            // A server that begins to listen sends no signal.
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// What it has logged since it was started last.
    var log: String { (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? "" }

    private var endOfLog: String {
        log.split(separator: "\n").suffix(5).joined(separator: "; ")
    }
}
