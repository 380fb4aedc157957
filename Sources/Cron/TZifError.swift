/// Why the bytes of a time zone file were refused.
public struct TZifError: Error, Sendable, Hashable {
    /// What is wrong with the bytes.
    public enum Code: String, Sendable, Hashable {
        /// The file does not begin with `TZif`.
        case notTZif = "the magic TZif is missing"
        /// The version is none of 1, 2, 3 and 4.
        case unknownVersion = "the version is none of 1, 2, 3 and 4"
        /// The bytes end before what the header announces.
        case truncated = "the file ends too early"
        /// The header announces none, too many, or contradictory numbers of records.
        case badCount = "the header's counts are out of bounds"
        /// The file counts leap seconds, as those under `right/` do, and POSIX time does not.
        case leapSeconds = "the file counts leap seconds"
        /// Transitions are not in ascending order or lie beyond the age of the universe.
        case badTransition = "a transition is out of order or out of bounds"
        /// A transition or an abbreviation names a record that is not there.
        case badIndex = "an index points past its table"
        /// An offset from UTC is not within 26 hours, or a flag is neither 0 nor 1.
        case badType = "a local time type is out of bounds"
        /// The footer is not a POSIX TZ string between two line feeds.
        case badFooter = "the footer is not a POSIX TZ string"
    }

    /// What is wrong.
    public let code: Code
    /// The byte at or before which it was noticed, counted from 0.
    public let position: Int
}

extension TZifError: CustomStringConvertible {
    /// What is wrong, and where.
    public var description: String { "TZif refused: \(code.rawValue) (byte \(position))" }
}
