import Dispatch
import Foundation
import Glibc
import Synchronization

/// A running `redis-server` and the watchdog that keeps it from outliving us.
final class RedisProcess: Sendable {
    private let server: pid_t
    private let watchdog: pid_t
    /// The other end of what the watchdog reads from.
    private let lifeline: Mutex<Int32?>
    private let end: ProcessEnd

    private init(server: pid_t, watchdog: pid_t, lifeline: Int32) {
        self.server = server
        self.watchdog = watchdog
        self.lifeline = Mutex(lifeline)
        end = ProcessEnd(of: server)
    }

    static func launch(arguments: [String], directory: URL, logPath: String) throws -> RedisProcess {
        let log = open(logPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard log >= 0 else { throw RedisServer.Failure(description: "no file \(logPath): errno \(errno)") }
        defer { close(log) }
        let server = try Subprocess.start(["redis-server"] + arguments, output: log)
        do {
            let (watchdog, lifeline) = try watch(over: server, directory: directory)
            return RedisProcess(server: server, watchdog: watchdog, lifeline: lifeline)
        } catch {
            kill(server, SIGKILL)
            throw error
        }
    }

    /// The watchdog reads from a socket that nobody writes to but ``kill9()``: a line means that all is done, the end of
    /// the stream that this process is gone.
    private static func watch(over server: pid_t, directory: URL) throws -> (watchdog: pid_t, lifeline: Int32) {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw RedisServer.Failure(description: "no socket pair: errno \(errno)")
        }
        defer { close(ends[0]) }
        let script = "trap '' INT TERM HUP; read -r done || { kill -9 \"$1\"; rm -rf -- \"$2\"; }"
        do {
            let command = ["/bin/sh", "-c", script, "watchdog", "\(server)", directory.path]
            return (try Subprocess.start(command, input: ends[0]), ends[1])
        } catch {
            close(ends[1])
            throw error
        }
    }

    var isRunning: Bool { !end.hasArrived }

    func send(_ signal: Int32) {
        guard isRunning else { return }
        kill(server, signal)
    }

    /// Kills the server, waits for its end, and lets the watchdog go.
    func kill9() async {
        send(SIGKILL)
        await end.wait()
        guard let lifeline = lifeline.withLock({ $0.take() }) else { return }
        let line = Array("done\n".utf8)
        _ = write(lifeline, line, line.count)
        close(lifeline)
        _ = await Subprocess.exitStatus(of: watchdog)
    }
}

/// The end of a process, which tasks can wait for.
private final class ProcessEnd: Sendable {
    private struct State {
        var hasArrived = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    init(of process: pid_t) {
        DispatchQueue(label: "TestServers.reaper").async {
            _ = Subprocess.reap(process)
            self.arrive()
        }
    }

    var hasArrived: Bool { state.withLock { $0.hasArrived } }

    private func arrive() {
        let waiting = state.withLock { state in
            state.hasArrived = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let hasArrived = state.withLock { state in
                if !state.hasArrived { state.waiting.append(continuation) }
                return state.hasArrived
            }
            if hasArrived { continuation.resume() }
        }
    }
}
