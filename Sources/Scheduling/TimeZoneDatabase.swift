package import Cron
import Glibc
import Synchronization

/// The time zones of this machine, so that a zone's new rules arrive with the system's updates.
package final class TimeZoneDatabase: Sendable {
    private let directory: String
    private let known = Mutex<[String: TimeZoneRules]>([:])

    /// Larger files are no time zones.
    private static let sizeLimit = 1 << 20

    /// The files below a directory; see tzfile(5).
    package init(directory: String = "/usr/share/zoneinfo") {
        self.directory = directory
    }

    /// The rules of a zone.
    ///
    /// - Parameter name: as in the IANA database, such as `Europe/Berlin`.
    /// - Returns: the rules, read once.
    /// - Throws: `TimeZoneError`.
    package func rules(_ name: String) throws(TimeZoneError) -> TimeZoneRules {
        if name == "UTC" { return .utc }
        if let rules = known.withLock({ $0[name] }) { return rules }
        let isPlain = name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } && !name.hasPrefix("/") && !name.contains("..")
        guard isPlain, !name.isEmpty, let bytes = Self.read("\(directory)/\(name)") else {
            throw TimeZoneError(name: name)
        }
        do {
            let rules = try TimeZoneRules(identifier: name, tzif: bytes)
            known.withLock { $0[name] = rules }
            return rules
        } catch {
            throw TimeZoneError(name: name)
        }
    }

    private static func read(_ path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            guard count >= 0, bytes.count <= sizeLimit else { return nil }
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
        }
    }
}

/// A name that is no time zone here.
package struct TimeZoneError: Error, Hashable, CustomStringConvertible {
    /// What was asked for.
    package let name: String

    package var description: String {
        "\"\(name)\" is no time zone of this machine; accepted are names such as UTC or Europe/Berlin, "
            + "as in /usr/share/zoneinfo"
    }
}
