import Foundation
import Glibc
import Synchronization

/// A directory that goes away, together with the PostgreSQL server whose data it holds, when this object or the process
/// ends, even by a crash.
///
/// A shell watches over it. It waits for the end of its standard input, a socket whose other end only this process holds.
package final class DisposableDirectory: Sendable {
    /// Its path, short enough for Unix sockets inside.
    package let path: String
    private let leash: Mutex<Int32?>

    /// It comes back for a few seconds, because a copy or a start that was under way goes on without the process.
    private static let watchdog = """
        trap '' INT HUP TERM
        read -r line
        data=$1/data
        runs() { [ -n "$pid" ] && [ "$(readlink "/proc/$pid/cwd")" = "$data" ]; }
        for round in 1 2 3 4 5; do
            pid=$(head -n 1 "$data/postmaster.pid" 2>/dev/null)
            if runs; then
                kill -CONT "$pid"
                kill -QUIT "$pid"
                tries=100
                while runs && [ $tries -gt 0 ]; do sleep 0.1; tries=$((tries - 1)); done
                runs && kill -KILL "$pid"
            fi
            rm -rf "$1"
            sleep 1
        done
        """

    /// Creates an empty directory that belongs to the user who runs the servers.
    package init() async throws {
        path = try await ServerUser.run("mktemp", "-d", "/tmp/activityd-test.XXXXXX")
        leash = Mutex(try Self.startWatchdog(path))
    }

    deinit {
        letGo()
    }

    /// Removes the directory now and waits until it is gone.
    package func remove() async throws {
        letGo()
        let path = self.path
        try await eventually("the directory \(path) is gone") { !FileManager.default.fileExists(atPath: path) }
    }

    private func letGo() {
        let descriptor = leash.withLock { $0.take() }
        if let descriptor { close(descriptor) }
    }

    /// Returns our end of the socket pair. It is closed on exec, so that no child of ours can keep the watchdog waiting.
    private static func startWatchdog(_ path: String) throws -> Int32 {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw Subprocess.Failure(description: "no socket pair: errno \(errno)")
        }
        defer { close(ends[0]) }
        try Subprocess.leave(["/bin/sh", "-c", watchdog, "activityd-test-watchdog", path], input: ends[0])
        return ends[1]
    }
}
