/// What tells alerts apart: 16 hexadecimal digits of a rule's name and a subject, the same in every release.
public struct Fingerprint: Sendable, Hashable, CustomStringConvertible {
    /// The digits.
    public let description: String

    /// The fingerprint of whatever a rule says about a subject.
    ///
    /// FNV-1a with 64 bits (<http://www.isthe.com/chongo/tech/comp/fnv/>) of the name and the fields that are set, each
    /// with a byte before it that occurs in no text. The rule's version is left out, so that an alert outlives an update.
    public init(rule: String, subject: Finding.Subject) {
        var hash = FNV1a()
        hash.append(rule)
        let fields = [
            subject.ip, subject.network, subject.userId, subject.collection, subject.action, subject.job,
            subject.detector,
        ]
        for (index, field) in fields.enumerated() {
            guard let field else { continue }
            hash.append(byte: 0xF8 + UInt8(index))
            hash.append(field)
        }
        let digits = String(hash.value, radix: 16)
        description = String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The fingerprint of the alert that a finding belongs to.
    public init(_ finding: Finding) {
        self.init(rule: finding.rule.name, subject: finding.subject)
    }
}

/// FNV-1a with 64 bits: the same on every machine and in every run, unlike `Hasher`.
struct FNV1a {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func append(byte: UInt8) {
        value = (value ^ UInt64(byte)) &* 0x100_0000_01B3
    }

    mutating func append(_ text: String) {
        for byte in text.utf8 { append(byte: byte) }
    }

    /// A short name for a text within a detector's state, where few texts are told apart.
    static func tag(_ text: String) -> UInt32 {
        var hash = FNV1a()
        hash.append(text)
        return UInt32(truncatingIfNeeded: hash.value ^ hash.value >> 32)
    }
}
