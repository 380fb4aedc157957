import Foundation
import Pipeline
import TestServers
import Testing

/// The example programs of `deploy/examples`.
struct AlertSubscriberTests {
    /// A program that is running, and what it has printed.
    private final class Program {
        private let output: URL
        private let process: pid_t

        /// Starts a program that goes on with the lines of an earlier one.
        init(_ command: [String], output: URL) throws {
            self.output = output
            if !FileManager.default.fileExists(atPath: output.path) {
                _ = FileManager.default.createFile(atPath: output.path, contents: nil)
            }
            // Through a shell, which leaves what is written to standard error out.
            let words = command.map { "'\($0)'" }.joined(separator: " ")
            process = try Subprocess.start(["setsid", "sh", "-c", "exec \(words) >>'\(output.path)' 2>/dev/null"])
        }

        var sequences: [Int] {
            let text = (try? String(contentsOf: output, encoding: .utf8)) ?? ""
            return text.split(separator: "\n").map { line in
                (AlertListener.members(String(line))["sequence"] as? String).flatMap { Int($0) } ?? -1
            }
        }

        /// Ends it at once, with what it has started.
        func kill9() {
            kill(-process, SIGKILL)
            _ = Subprocess.reap(process)
        }
    }

    private static func examples() -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../deploy/examples").standardized
    }

    @Test(arguments: ["alerts_subscriber.py", "alerts_subscriber.sh"])
    func printsEachAlertOnceAndInOrder(name: String) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "alerts-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try await AlertSetting.with(adjust: { $0.heartbeat = .milliseconds(500) }) { setting in
            let state = directory.appending(path: "state")
            let command = Self.command(name, state: state.path, url: setting.server.url)
            let output = directory.appending(path: "output")
            // What there is at the very first start is old.
            try await setting.write(5)
            try await setting.waitUntilDelivered(5)
            var program = try Program(command, output: output)
            defer { program.kill9() }
            try await eventually("it has begun") {
                FileManager.default.fileExists(atPath: state.path)
            }
            try await setting.write(50)
            try await eventually("it prints") { program.sequences.count >= 50 }
            // Redis goes away and comes back empty.
            await setting.server.kill9()
            try await setting.write(150)
            try await setting.server.startAgain()
            try await setting.write(10)
            try await eventually("it catches up") { program.sequences.count >= 210 }
            // The program goes away, and Redis again. What it prints last it may not have noted yet.
            try await eventually("it has noted the last") {
                try String(contentsOf: state, encoding: .utf8) == "215\n"
            }
            program.kill9()
            try await setting.write(100)
            try await setting.waitUntilDelivered(315)
            await setting.server.kill9()
            try await setting.server.startAgain()
            program = try Program(command, output: output)
            try await setting.write(10)
            try await eventually("it catches up again") { program.sequences.count >= 320 }
            #expect(program.sequences == Array(6...325))
        }
    }

    private static func command(_ name: String, state: String, url: String) -> [String] {
        let program = examples().appending(path: name).path
        return name.hasSuffix(".py") ? [program, "--state", state, "--url", url] : [program, state, url]
    }
}
