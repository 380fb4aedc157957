import Foundation

/// Runs a program to its end.
package enum Subprocess {
    /// Why a program did not do its work.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Runs a program found through PATH and returns what it wrote.
    ///
    /// Output goes through a file and not a pipe: a server that the program leaves behind would keep the pipe open.
    @discardableResult
    package static func run(_ command: [String]) async throws -> String {
        let output = FileManager.default.temporaryDirectory.appending(path: "activityd-output.\(UUID().uuidString)")
        guard FileManager.default.createFile(atPath: output.path, contents: nil) else {
            throw Failure(description: "cannot create \(output.path)")
        }
        defer { try? FileManager.default.removeItem(at: output) }
        let status = try await exitStatus(command, output: FileHandle(forWritingTo: output))
        let text = String(decoding: try Data(contentsOf: output), as: UTF8.self)
        guard status == 0 else {
            throw Failure(description: "\(command.joined(separator: " ")) ended with status \(status): \(text)")
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func exitStatus(_ command: [String], output: FileHandle) async throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        return try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }
}
