/// Permissions of a file, such as 0660.
package struct FileMode: Sendable, Hashable {
    /// The nine bits for owner, group and others.
    package let bits: UInt32

    package static let accepted = "three octal digits, such as 0660, of which the first lets the owner read and write"

    /// Permissions from their bits.
    package init(_ bits: UInt32) {
        self.bits = bits
    }

    /// Reads octal digits; nil when they are something else, or keep the owner out.
    package init?(_ text: String) {
        guard (3...4).contains(text.utf8.count), text.utf8.count == 3 || text.hasPrefix("0"),
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) }),
            let bits = UInt32(text, radix: 8), bits & 0o600 == 0o600
        else { return nil }
        self.bits = bits
    }
}

extension FileMode: CustomStringConvertible {
    package var description: String {
        let digits = String(bits, radix: 8)
        return String(repeating: "0", count: 4 - digits.utf8.count) + digits
    }
}
