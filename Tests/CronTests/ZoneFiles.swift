import Cron
import Foundation

/// The zones of the tests, read from the system's time zone database.
enum ZoneFiles {
    private static let directory = "/usr/share/zoneinfo"

    /// Zones with gaps and folds of every kind: half an hour, two hours, a day, at midnight, around Ramadan.
    static let notable = [
        "UTC", "Europe/Berlin", "Europe/London", "Europe/Dublin", "Europe/Lisbon", "Europe/Moscow", "Europe/Istanbul",
        "America/New_York", "America/Los_Angeles", "America/Sao_Paulo", "America/St_Johns", "America/Havana",
        "America/Nuuk", "America/Caracas", "America/Asuncion", "America/Scoresbysund", "Australia/Lord_Howe",
        "Australia/Sydney", "Antarctica/Troll", "Antarctica/Casey", "Africa/Casablanca", "Africa/Cairo", "Africa/Juba",
        "Africa/Sao_Tome", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Tehran", "Asia/Gaza", "Asia/Beirut",
        "Asia/Pyongyang", "Asia/Amman", "Pacific/Apia", "Pacific/Chatham", "Pacific/Kiritimati", "Pacific/Norfolk",
        "Pacific/Easter",
    ]

    static func bytes(_ identifier: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: "\(directory)/\(identifier)")))
    }

    static func rules(_ identifier: String) throws -> TimeZoneRules {
        try TimeZoneRules(identifier: identifier, tzif: bytes(identifier))
    }
}

/// Random numbers that are the same in every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: some StringProtocol) {
        state = seed.utf8.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension NominalTime {
    /// A time from text such as `2026-11-24T00:15:00Z`.
    init(_ text: String) throws {
        let date = try Date.ISO8601FormatStyle().parse(text)
        self.init(secondsSince1970: Int64(date.timeIntervalSince1970))
    }
}
