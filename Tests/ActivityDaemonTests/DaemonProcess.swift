import Foundation
import FoundationNetworking
import TestServers
import Testing

/// A real `activityd run`, built beside these tests.
final class DaemonProcess {
    let port: Int
    private let log: URL
    private var process: pid_t?

    struct Answer {
        let status: Int
        let headers: [String: String]
        let body: [String: Any]
    }

    /// Starts a daemon with settings as of `--set`, other arguments, and listeners that are handed over as by systemd; on
    /// any free port unless one is given. Its environment has nothing but what is given.
    init(
        database: String,
        redis: String,
        settings: [String] = [],
        arguments: [String] = [],
        port: Int? = nil,
        handingOver listeners: [(name: String, listener: SilentListener)] = [],
        environment: [String: String] = [:],
    ) throws {
        self.port = try port ?? listeners.first { $0.name == "http" }?.listener.port ?? FreePort.find()
        log = FileManager.default.temporaryDirectory.appending(path: "activityd-\(UUID().uuidString).log")
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        let all =
            ["database.url=\(database)", "redis.url=\(redis)", "http.listen=127.0.0.1:\(self.port)"]
            // Any free one, which its log names.
            + ["http.adminListen=127.0.0.1:0"] + settings
        let output = try FileHandle(forWritingTo: log)
        process = try Subprocess.start(
            Self.command(handingOver: listeners.map(\.name), environment) + [Self.program.path, "run"] + arguments
                + all.flatMap { ["--set", $0] },
            output: output.fileDescriptor,
            descriptors: listeners.map(\.listener.descriptor),
        )
        try output.close()
    }

    /// What the program is started by; a process's own number is known to nobody else.
    private static func command(handingOver names: [String], _ environment: [String: String]) -> [String] {
        let clean = ["env", "-i"] + environment.map { "\($0.key)=\($0.value)" }
        guard !names.isEmpty else { return clean }
        let variables = ["LISTEN_FDS=\(names.count)", "LISTEN_FDNAMES=\(names.joined(separator: ":"))"]
        return clean + variables + ["/bin/sh", "-c", "LISTEN_PID=$$ exec \"$@\"", "sh"]
    }

    deinit {
        if let process {
            kill(process, SIGKILL)
            _ = Subprocess.reap(process)
        }
        try? FileManager.default.removeItem(at: log)
    }

    static var program: URL {
        URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "activityd")
    }

    var lines: [String] {
        ((try? String(contentsOf: log, encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
    }

    /// Where the admin listener is, once the log says so.
    var adminPort: Int? {
        let line = lines.first { $0.contains("http.listener=admin") }
        return line?.split(separator: " ").first { $0.hasPrefix("http.port=") }.flatMap { Int($0.dropFirst(10)) }
    }

    func signal(_ signal: Int32) {
        if let process { kill(process, signal) }
    }

    func kill9() async {
        await end(with: SIGKILL)
    }

    /// Asks the daemon to end.
    ///
    /// - Returns: its exit code; nil when a signal ended it.
    func terminate() async -> Int32? {
        await end(with: SIGTERM).flatMap { $0 & 0x7F == 0 ? $0 >> 8 & 0xFF : nil }
    }

    /// The exit code of a daemon that ends by itself; nil when a signal ended it.
    func waitForEnd() async -> Int32? {
        guard let process = process.take() else { return nil }
        let status = await Subprocess.exitStatus(of: process)
        return status & 0x7F == 0 ? status >> 8 & 0xFF : nil
    }

    @discardableResult
    private func end(with signal: Int32) async -> Int32? {
        guard let process = process.take() else { return nil }
        kill(process, signal)
        return await Subprocess.exitStatus(of: process)
    }

    /// A GET; nil while nothing listens.
    func get(_ path: String, token: String? = nil, port: Int? = nil) async throws -> Answer? {
        try await send(path, method: "GET", token: token, port: port)
    }

    /// A request; nil while nothing listens.
    func send(
        _ path: String,
        method: String,
        token: String? = nil,
        type: String? = nil,
        body: Data? = nil,
        port: Int? = nil,
    ) async throws -> Answer? {
        guard let url = URL(string: "http://127.0.0.1:\(port ?? self.port)\(path)") else { return nil }
        var request = URLRequest(url: url, timeoutInterval: 10)
        request.httpMethod = method
        request.httpBody = body
        request.setValue("close", forHTTPHeaderField: "Connection")
        if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
        if let type { request.setValue(type, forHTTPHeaderField: "Content-Type") }
        guard let (data, response) = try? await URLSession.shared.data(for: request) else { return nil }
        guard let response = response as? HTTPURLResponse else { return nil }
        let body = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
        let headers = response.allHeaderFields.compactMap { key, value in (key as? String).map { ($0, "\(value)") } }
        return Answer(status: response.statusCode, headers: Dictionary(headers) { $1 }, body: body ?? [:])
    }

    /// Waits until the daemon has documents to serve.
    func waitUntilReady() async throws {
        do {
            try await eventually("the daemon is ready") { try await self.get("/readyz")?.status == 200 }
        } catch {
            Issue.record("the daemon's last lines:\n\(lines.suffix(20).joined(separator: "\n"))")
            throw error
        }
    }

    /// `data.summary.totalActivity` of a dashboard.
    func total(days: Int) async throws -> Int? {
        let data = try await get("/api/activity/dashboard?days=\(days)")?.body["data"] as? [String: Any]
        return (data?["summary"] as? [String: Any])?["totalActivity"] as? Int
    }

    /// The status of a part in `/api/health`.
    func status(of component: String) async throws -> String? {
        try await member("status", of: component) as? String
    }

    /// What `/api/health` says of a part.
    func member(_ name: String, of component: String) async throws -> Any? {
        let components = try await get("/api/health")?.body["components"] as? [String: Any]
        return (components?[component] as? [String: Any])?[name]
    }
}
