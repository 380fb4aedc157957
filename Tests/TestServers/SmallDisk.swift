import Foundation
import Glibc

/// A file system in memory that is soon full. Mounting wants root, or sudo that asks for no password.
package final class SmallDisk: Sendable {
    /// Where it is mounted; belongs to the user who runs the servers.
    package let path: String

    /// Lends a disk of so many bytes, and removes it afterwards.
    package static func withDisk(bytes: Int, _ body: (SmallDisk) async throws -> Void) async throws {
        let disk = try await SmallDisk(bytes: bytes)
        do {
            try await body(disk)
        } catch {
            try await disk.remove()
            throw error
        }
        try await disk.remove()
    }

    private init(bytes: Int) async throws {
        path = try await ServerUser.run("mktemp", "-d", "/tmp/activityd-disk.XXXXXX").filter { !$0.isNewline }
        try await Subprocess.run(
            Self.asRoot(["mount", "-t", "tmpfs", "-o", "mode=777,size=\(bytes)", "tmpfs", path])
        )
        try await ServerUser.run("mkdir", "-m", "700", path + "/data")
    }

    /// Writes until nothing more fits.
    package func fill() throws {
        // Closed on exec: a server that another test starts now would keep the space for as long as it lives.
        let file = open(path + "/filler", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Subprocess.Failure(description: "no file on \(path): errno \(errno)") }
        defer { close(file) }
        let block = [UInt8](repeating: 1, count: 4096)
        while write(file, block, block.count) > 0 {}
        guard errno == ENOSPC else { throw Subprocess.Failure(description: "\(path) is not full: errno \(errno)") }
    }

    /// Undoes `fill`.
    package func makeRoom() throws {
        try FileManager.default.removeItem(atPath: path + "/filler")
    }

    /// Unmounts it, whoever still has files open there.
    private func remove() async throws {
        try await Subprocess.run(Self.asRoot(["umount", "--lazy", path]))
        try FileManager.default.removeItem(atPath: path)
    }

    private static func asRoot(_ command: [String]) -> [String] {
        geteuid() == 0 ? command : ["sudo", "--non-interactive"] + command
    }
}
