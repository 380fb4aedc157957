import Foundation
import Glibc

extension PostgresServer {
    /// Kills the server and all its processes as a power cut would, and waits until they are gone.
    public func kill9() async throws {
        // The postmaster may be starting others while we look, hence again and again.
        try await eventually("the killed server has ended") {
            let processes = try serverProcesses()
            processes.forEach { kill($0, SIGKILL) }
            return processes.isEmpty
        }
        // Where nobody reaps orphans a dead server looks alive to the next one, which then refuses to start.
        for lock in ["\(dataDirectory)/postmaster.pid", "\(directory)/.s.PGSQL.\(port).lock"] {
            try? FileManager.default.removeItem(atPath: lock)
        }
    }

    /// Freezes the server: connections stay open, and nothing answers. The kernel still accepts new connections.
    public func pause() throws {
        try serverProcesses().forEach { kill($0, SIGSTOP) }
    }

    /// Lets a paused server go on.
    public func resume() throws {
        try serverProcesses().forEach { kill($0, SIGCONT) }
    }

    /// The postmaster and its children: those that run in our data directory. The dead ones run nowhere.
    private func serverProcesses() throws -> [pid_t] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }.filter { process in
            let directory = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/cwd")
            return directory == dataDirectory
        }
    }
}
