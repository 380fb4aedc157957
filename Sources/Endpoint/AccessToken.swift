import Crypto

/// A bearer token: `actd_<id>_<secret>`.
///
/// The prefix lets scanners of leaked secrets know it. Only the SHA-256 of the whole text is ever kept: a secret of 160
/// random bits cannot be guessed, so there is nothing that a slow hash would protect.
package struct AccessToken: Sendable {
    /// Who holds it.
    package let id: String
    /// The whole text.
    package let text: String

    private static let prefix = "actd_"
    /// 32 digits, each of five bits; without those that are mistaken for one another.
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz")
    private static let secretDigits = 32

    /// What ids are made of, in words.
    package static let acceptedID = "1 to 32 lower-case letters, digits and hyphens"

    /// A new token; nil when the id is not among those accepted.
    package init?(newFor id: String, using generator: inout some RandomNumberGenerator) {
        guard Self.isID(id) else { return nil }
        let secret = (0..<Self.secretDigits).map { _ in Self.alphabet[Int(generator.next() & 31 as UInt64)] }
        self.init(id: id, text: "\(Self.prefix)\(id)_\(String(secret))")
    }

    private init(id: String, text: String) {
        self.id = id
        self.text = text
    }

    /// Reads what a client sent; nil when it has not the shape of a token.
    init?(_ text: Substring) {
        guard text.utf8.count <= 256, text.hasPrefix(Self.prefix) else { return nil }
        let parts = text.dropFirst(Self.prefix.count).split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 2, Self.isID(parts[0]), !parts[1].isEmpty else { return nil }
        self.init(id: String(parts[0]), text: String(text))
    }

    /// What the configuration has of it.
    package func grant(_ scopes: Set<AccessScope>) -> AccessGrant {
        AccessGrant(id: id, scopes: scopes, digest: Array(digest))
    }

    /// Whether a grant is of this token; takes the same time wherever the digests differ.
    func matches(_ grant: AccessGrant, digest: SHA256Digest) -> Bool {
        // swift-crypto compares digests in constant time.
        grant.id == id && digest == grant.digest
    }

    var digest: SHA256Digest { SHA256.hash(data: Array(text.utf8)) }

    static func isID(_ text: some StringProtocol) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
            }
    }
}
