import Foundation
import Glibc
import Synchronization

/// A running `redis-server` and the watchdog that keeps it from outliving us.
final class RedisProcess: Sendable {
    /// `@unchecked Sendable` because Foundation's objects are not, and are only touched while the lock is held.
    private struct Handles: @unchecked Sendable {
        let server: Process
        let watchdog: Process
        let lifeline: Pipe
    }

    private let handles: Mutex<Handles>
    private let pid: pid_t
    private let end: ProcessEnd

    private init(_ handles: Handles, end: ProcessEnd) {
        pid = handles.server.processIdentifier
        self.handles = Mutex(handles)
        self.end = end
    }

    static func launch(arguments: [String], directory: URL, logPath: String) throws -> RedisProcess {
        guard let path = executable("redis-server") else {
            throw RedisServer.Failure(description: "there is no redis-server in PATH; apt-get install redis-server")
        }
        _ = FileManager.default.createFile(atPath: logPath, contents: nil)
        let log = FileHandle(forWritingAtPath: logPath)
        let end = ProcessEnd()
        let server = Process()
        server.executableURL = path
        server.arguments = arguments
        server.standardInput = FileHandle.nullDevice
        server.standardOutput = log
        server.standardError = log
        server.terminationHandler = { _ in end.arrive() }
        try server.run()
        try? log?.close()
        return try RedisProcess(guarded(server, directory: directory), end: end)
    }

    /// The watchdog reads from a pipe that nobody writes to but ``kill9()``: a line means that all is done, the end of
    /// the pipe that this process is gone.
    private static func guarded(_ server: Process, directory: URL) throws -> Handles {
        let lifeline = Pipe()
        let writeEnd = lifeline.fileHandleForWriting.fileDescriptor
        _ = fcntl(writeEnd, F_SETFD, FD_CLOEXEC)
        let watchdog = Process()
        watchdog.executableURL = URL(filePath: "/bin/sh")
        watchdog.arguments = [
            "-c", "trap '' INT TERM HUP; read -r done || { kill -9 \"$1\"; rm -rf -- \"$2\"; }", "watchdog",
            "\(server.processIdentifier)", directory.path,
        ]
        watchdog.standardInput = lifeline
        watchdog.standardOutput = FileHandle.nullDevice
        watchdog.standardError = FileHandle.nullDevice
        do {
            try watchdog.run()
        } catch {
            kill(server.processIdentifier, SIGKILL)
            throw error
        }
        return Handles(server: server, watchdog: watchdog, lifeline: lifeline)
    }

    var isRunning: Bool { !end.hasArrived }

    func send(_ signal: Int32) {
        guard isRunning else { return }
        kill(pid, signal)
    }

    /// Kills the server, waits for its end, and lets the watchdog go.
    func kill9() async {
        send(SIGKILL)
        await end.wait()
        handles.withLock { handles in
            try? handles.lifeline.fileHandleForWriting.write(contentsOf: Data("done\n".utf8))
            try? handles.lifeline.fileHandleForWriting.close()
        }
    }

    private static func executable(_ name: String) -> URL? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return path.split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
            .map { URL(filePath: $0) }
    }
}

/// The end of a process, which tasks can wait for.
private final class ProcessEnd: Sendable {
    private struct State {
        var hasArrived = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var hasArrived: Bool { state.withLock { $0.hasArrived } }

    func arrive() {
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
