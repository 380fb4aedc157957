import Foundation
import TestServers

/// A run of the program to its end, in an empty environment; waits for it.
struct ProgramRun {
    let code: Int32
    let output: String

    init(_ arguments: [String]) async throws {
        let log = FileManager.default.temporaryDirectory.appending(path: "activityd-\(UUID().uuidString).out")
        defer { try? FileManager.default.removeItem(at: log) }
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        let file = try FileHandle(forWritingTo: log)
        let process = try Subprocess.start(
            ["env", "-i", "-C", "/tmp", DaemonProcess.program.path] + arguments,
            output: file.fileDescriptor,
        )
        let status = await Subprocess.exitStatus(of: process)
        try file.close()
        code = status & 0x7F == 0 ? status >> 8 & 0xFF : -1
        output = try String(contentsOf: log, encoding: .utf8)
    }
}
