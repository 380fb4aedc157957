import CSpawn
import Dispatch
package import Glibc

/// Runs programs. Foundation's `Process` loses the end of children when many run at once, hence `posix_spawn`.
package enum Subprocess {
    /// Why a program did not do its work.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Runs a program found through PATH, waits for its end and returns what it wrote.
    ///
    /// White space at its end is left out.
    @discardableResult
    package static func run(_ command: [String]) async throws -> String {
        text(try await output(of: command))
    }

    /// Runs a program found through PATH, waits for its end and returns the bytes that it wrote.
    ///
    /// Output goes through a file and not a pipe: a server that the program leaves behind would keep the pipe open.
    package static func output(of command: [String]) async throws -> [UInt8] {
        let output = try anonymousFile()
        defer { close(output) }
        let process = try start(command, output: output)
        let status = await exitStatus(of: process)
        let bytes = contents(output)
        guard status == 0 else {
            let words = command.joined(separator: " ")
            throw Failure(description: "\(words) ended with wait status \(status): \(text(bytes))")
        }
        return bytes
    }

    /// Starts a program in a session of its own and leaves it to itself.
    static func leave(_ command: [String], input: Int32) throws {
        let process = try start(["setsid"] + command, input: input)
        DispatchQueue(label: "TestServers.reaper").async {
            _ = reap(process)
        }
    }

    /// Starts a program whose end is for the caller to `reap`. The descriptors become its 3, 4 and so on.
    package static func start(
        _ command: [String],
        input: Int32? = nil,
        output: Int32? = nil,
        descriptors: [Int32] = [],
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (target, source) in [(STDIN_FILENO, input), (STDOUT_FILENO, output), (STDERR_FILENO, output)] {
            if let source {
                posix_spawn_file_actions_adddup2(&actions, source, target)
            } else {
                posix_spawn_file_actions_addopen(&actions, target, "/dev/null", O_RDWR, 0)
            }
        }
        // Copied out of the way first: a source may be another's place.
        let copies = descriptors.map { fcntl($0, F_DUPFD_CLOEXEC, 100) }
        defer { copies.forEach { close($0) } }
        for (index, copy) in copies.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, copy, 3 + Int32(index))
        }
        // NIO's sockets are not closed on exec: a server started meanwhile would keep another test's connection open.
        posix_spawn_file_actions_addclosefrom_np(&actions, 3 + Int32(copies.count))
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Threads of Dispatch block all signals, which a child would inherit.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        let arguments = command.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var process: pid_t = 0
        let failure = posix_spawnp(&process, command.first ?? "", &actions, &attributes, arguments, environ)
        guard failure == 0 else { throw Failure(description: "cannot start \(command): errno \(failure)") }
        return process
    }

    /// Waits for the end of a child and returns its wait status.
    package static func exitStatus(of process: pid_t) async -> Int32 {
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "TestServers.reaper").async {
                continuation.resume(returning: reap(process))
            }
        }
    }

    /// The same for who may block the thread.
    package static func reap(_ process: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status
    }

    private static func anonymousFile() throws -> Int32 {
        var path = Array("/tmp/activityd-output.XXXXXX".utf8CString)
        let file = mkstemp(&path)
        guard file >= 0 else { throw Failure(description: "no file for output in /tmp: errno \(errno)") }
        unlink(path)
        _ = fcntl(file, F_SETFD, FD_CLOEXEC)
        return file
    }

    private static func contents(_ file: Int32) -> [UInt8] {
        let size = Int(lseek(file, 0, SEEK_END))
        return [UInt8](unsafeUninitializedCapacity: max(size, 0)) { buffer, count in
            count = max(0, pread(file, buffer.baseAddress, buffer.count, 0))
        }
    }

    private static func text(_ bytes: [UInt8]) -> String {
        var text = String(decoding: bytes, as: UTF8.self)[...]
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
