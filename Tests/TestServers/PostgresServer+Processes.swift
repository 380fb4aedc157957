import Foundation
import Glibc

extension PostgresServer {
    /// Kills the server and all its processes as a power cut would, and waits until they are gone.
    public func kill9() async throws {
        let processes = try serverProcesses()
        processes.forEach { kill($0, SIGKILL) }
        try await eventually("the killed server has ended") { processes.allSatisfy { !Self.isAlive($0) } }
        // Where nobody reaps orphans a dead server looks alive to pg_ctl, which then refuses to start another.
        try? FileManager.default.removeItem(atPath: dataDirectory + "/postmaster.pid")
    }

    /// Freezes the server: connections stay open, and nothing answers. The kernel still accepts new connections.
    public func pause() throws {
        try serverProcesses().forEach { kill($0, SIGSTOP) }
    }

    /// Lets a paused server go on.
    public func resume() throws {
        try serverProcesses().forEach { kill($0, SIGCONT) }
    }

    /// The postmaster and its children. Only processes that run in our data directory are ours.
    private func serverProcesses() throws -> [pid_t] {
        let file = try String(contentsOfFile: dataDirectory + "/postmaster.pid", encoding: .utf8)
        guard let postmaster = file.split(separator: "\n").first.flatMap({ pid_t($0) }) else { return [] }
        let all = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }
        let children = all.filter { Self.status($0)?.parent == postmaster }
        return ([postmaster] + children).filter(isOurs)
    }

    private func isOurs(_ process: pid_t) -> Bool {
        let directory = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/cwd")
        return directory == dataDirectory
    }

    private static func isAlive(_ process: pid_t) -> Bool {
        status(process).map { $0.state != "Z" } ?? false
    }

    /// From `/proc/<pid>/stat`, whose second field, the name in parentheses, may hold anything.
    private static func status(_ process: pid_t) -> (state: String, parent: pid_t?)? {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let name = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: name)...].split(separator: " ")
        return fields.count < 2 ? nil : (String(fields[0]), pid_t(fields[1]))
    }
}
