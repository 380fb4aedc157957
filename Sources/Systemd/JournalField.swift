/// A field of an entry of the journal, such as `PRIORITY` or `MESSAGE_ID`.
public struct JournalField: Sendable, Hashable {
    /// Its name: 1 to 64 capital letters, digits and underscores, with a letter in front.
    ///
    /// Names that begin with an underscore are the journal's own. Source: systemd.journal-fields(7).
    public let name: String
    /// What it says; any text.
    public let value: String

    /// A field; nil for a name that the journal would not take.
    public init?(_ name: String, _ value: String) {
        guard Self.isValid(name) else { return nil }
        self.name = name
        self.value = value
    }

    private static func isValid(_ name: String) -> Bool {
        guard let first = name.utf8.first, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first) else { return false }
        return name.utf8.count <= 64
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    /// As sd_journal_sendv(3) takes it. A value may hold line feeds; the protocol carries its length then.
    var bytes: [UInt8] { Array("\(name)=\(value)".utf8) }
}
