import Foundation
import TestServers
import Testing

@testable import ActivityDaemon

/// The messages that have an id, and `deploy/systemd/activityd.catalog`, which explains them.
struct KnownMessageTests {
    private static let catalog = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../deploy/systemd/activityd.catalog").standardized

    /// The entries by id: the lines after `-- id`.
    private static func entries() throws -> [(id: String, lines: [String])] {
        var entries: [(id: String, lines: [String])] = []
        for line in try String(contentsOf: catalog, encoding: .utf8).split(
            separator: "\n",
            omittingEmptySubsequences: false,
        ) {
            if line.hasPrefix("-- ") {
                entries.append((String(line.dropFirst(3)), []))
            } else if !entries.isEmpty {
                entries[entries.count - 1].lines.append(String(line))
            }
        }
        return entries
    }

    @Test func haveIDsOfTheirOwn() {
        let ids = KnownMessage.allCases.map(\.id)
        #expect(Set(ids).count == ids.count)
        #expect(ids.allSatisfy { $0.contains(/^[0-9a-f]{32}$/) })
    }

    @Test func areThoseOfTheCatalog() throws {
        let ids = try Self.entries().map(\.id)
        #expect(ids.sorted() == KnownMessage.allCases.map(\.id).sorted())
    }

    @Test func areExplained() throws {
        for entry in try Self.entries() {
            let heads = entry.lines.prefix(3).map { $0.split(separator: ":").first.map(String.init) }
            #expect(heads == ["Subject", "Defined-By", "Support"], "\(entry.id)")
            #expect(entry.lines.count > 4 && entry.lines[3].isEmpty, "\(entry.id)")
            let fields = entry.lines.joined(separator: " ").matches(of: /@([^@ ]+)@/).map { String($0.1) }
            #expect(fields.allSatisfy { $0.contains(/^ACTIVITYD_[A-Z_]+$/) }, "\(entry.id): \(fields)")
        }
    }

    @Test func areTakenByJournalctl() async throws {
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/journalctl") else { return }
        let root = FileManager.default.temporaryDirectory.appending(path: "activityd-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        let folder = root.appending(path: "usr/lib/systemd/catalog")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: Self.catalog, to: folder.appending(path: "activityd.catalog"))
        _ = try await Subprocess.run(["journalctl", "--root=\(root.path)", "--update-catalog"])
        let list = try await Subprocess.run(["journalctl", "--root=\(root.path)", "--list-catalog"])
        for message in KnownMessage.allCases { #expect(list.contains("\(message.id) activityd: ")) }
    }
}
