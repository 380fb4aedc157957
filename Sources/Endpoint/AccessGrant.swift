/// A token as the configuration has it: whose it is, what it allows, and how to recognise it.
///
/// Written as `id:scopes:digest`, such as `grafana:read+ingest:9f86d0…`. The digest is the SHA-256 of the whole token in
/// hexadecimal digits; the token itself is nowhere.
package struct AccessGrant: Sendable, Hashable {
    /// The name of whoever holds the token. Two tokens may have the same, so that the new one works before the old one
    /// is withdrawn.
    package let id: String
    /// What the token allows; never empty.
    package let scopes: Set<AccessScope>
    /// 32 bytes.
    let digest: [UInt8]

    /// What is written, in words.
    package static let accepted =
        "id:scopes:SHA-256 of the token, as activityd token create prints it, "
        + "with scopes among read, ingest and admin, joined by +"

    init(id: String, scopes: Set<AccessScope>, digest: [UInt8]) {
        self.id = id
        self.scopes = scopes
        self.digest = digest
    }

    /// Reads `id:scopes:digest`; nil when it is anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, AccessToken.isID(parts[0]), let digest = Self.bytes(hexadecimal: parts[2]) else {
            return nil
        }
        let names = parts[1].split(separator: "+", omittingEmptySubsequences: false)
        let scopes = names.compactMap { AccessScope(rawValue: String($0)) }
        guard scopes.count == names.count, Set(scopes).count == names.count else { return nil }
        self.init(id: String(parts[0]), scopes: Set(scopes), digest: digest)
    }

    private static func bytes(hexadecimal text: Substring) -> [UInt8]? {
        let digits = text.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        guard text.utf8.count == 64, digits.count == 64 else { return nil }
        return stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}

extension AccessGrant: CustomStringConvertible {
    /// As the configuration has it.
    package var description: String {
        let names = AccessScope.allCases.filter(scopes.contains).map(\.rawValue).joined(separator: "+")
        let digits = Array("0123456789abcdef")
        let hexadecimal = digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return "\(id):\(names):\(String(hexadecimal))"
    }
}
