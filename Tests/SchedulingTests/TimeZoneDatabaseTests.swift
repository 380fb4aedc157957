import Cron
import Foundation
import TestServers
import Testing

@testable import Scheduling

struct TimeZoneDatabaseTests {
    private let system = TimeZoneDatabase()

    /// 2026-07-01 and 2026-01-01 at noon, UTC.
    private let summer = NominalTime(secondsSince1970: 1_782_907_200)
    private let winter = NominalTime(secondsSince1970: 1_767_268_800)

    @Test func findsZonesOfTheSystem() throws {
        let berlin = try system.rules("Europe/Berlin")
        #expect(berlin.identifier == "Europe/Berlin")
        #expect(berlin.offset(at: summer) == 7_200)
        #expect(berlin.offset(at: winter) == 3_600)
        #expect(try system.rules("America/Argentina/Buenos_Aires").offset(at: summer) == -10_800)
        #expect(try system.rules("Etc/GMT+12").offset(at: winter) == -43_200)
    }

    @Test func answersTheSameAgain() throws {
        #expect(try system.rules("Europe/Berlin") == system.rules("Europe/Berlin"))
    }

    @Test func needsNoFileForUTC() throws {
        let nowhere = TimeZoneDatabase(directory: "/nonexistent")
        #expect(try nowhere.rules("UTC") == .utc)
        #expect(throws: TimeZoneError(name: "Europe/Berlin")) { try nowhere.rules("Europe/Berlin") }
    }

    static let refused: [(String, String)] = [
        ("nothing", ""),
        ("an absolute path", "/usr/share/zoneinfo/Europe/Berlin"),
        ("a way out", "../zoneinfo/Europe/Berlin"),
        ("a way out in the middle", "Europe/../Europe/Berlin"),
        ("the directory above", ".."),
        ("the directory itself", "."),
        ("a directory", "Europe"),
        ("a directory with a slash", "Europe/"),
        ("NUL at the end", "Europe/Berlin\0"),
        ("NUL and more", "Europe/Berlin\0.tab"),
        ("a blank", "Europe/Berlin "),
        ("a line end", "Europe/Berlin\n"),
        ("a letter outside ASCII", "Europe/Bérlin"),
        ("a list of zones", "zone.tab"),
        ("a zone of nobody", "Europe/Atlantis"),
        ("an offset", "+02:00"),
        ("a POSIX rule", "CET-1CEST,M3.5.0,M10.5.0/3"),
        ("a name of great length", String(repeating: "a", count: 100_000)),
        ("UTC in small letters", "utc"),
    ]

    @Test(arguments: refused)
    func refuses(what: String, name: String) {
        #expect(throws: TimeZoneError(name: name), "\(what)") { try system.rules(name) }
    }

    @Test func saysWhatItRefusedAndWhatItAccepts() {
        let message = "\(TimeZoneError(name: "Mars/Olympus"))"
        #expect(message.contains("\"Mars/Olympus\"") && message.contains("Europe/Berlin"))
    }

    @Test func refusesFilesThatAreNoZones() async throws {
        let directory = try await DisposableDirectory()
        let database = TimeZoneDatabase(directory: directory.path)
        let zone = try Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/Europe/Berlin"))
        let files: [(String, Data)] = [
            ("empty", Data()), ("short", zone.prefix(60)), ("text", Data("Europe/Berlin".utf8)),
            ("large", zone + Data(count: 2 << 20)), ("other", Data([0]) + zone),
        ]
        for (name, data) in files {
            try data.write(to: URL(filePath: "\(directory.path)/\(name)"))
            #expect(throws: TimeZoneError(name: name)) { try database.rules(name) }
        }
        // A reader that waited for somebody to write would wait for ever.
        try await Subprocess.run(["mkfifo", "\(directory.path)/pipe"])
        #expect(throws: TimeZoneError(name: "pipe")) { try database.rules("pipe") }
        try zone.write(to: URL(filePath: "\(directory.path)/Sound"))
        #expect(try database.rules("Sound").offset(at: summer) == 7_200)
    }

    @Test func looksAgainForAZoneThatWasNotThere() async throws {
        let directory = try await DisposableDirectory()
        let database = TimeZoneDatabase(directory: directory.path)
        #expect(throws: TimeZoneError(name: "New")) { try database.rules("New") }
        let zone = try Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/Europe/Berlin"))
        try zone.write(to: URL(filePath: "\(directory.path)/New"))
        #expect(try database.rules("New").offset(at: winter) == 3_600)
    }
}
