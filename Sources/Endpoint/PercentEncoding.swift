/// The percent-encoding of URLs (RFC 3986, section 2.1).
enum PercentEncoding {
    /// Decodes what stood in a URL.
    ///
    /// - Parameters:
    ///   - text: what stood in the URL.
    ///   - plusIsSpace: as in query strings, where forms write spaces so.
    /// - Returns: nil when an escape is malformed or the bytes are no UTF-8.
    static func decode(_ text: Substring, plusIsSpace: Bool) -> String? {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
            return String(text)
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var rest = text.utf8
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = nibble(rest.popFirst()), let low = nibble(rest.popFirst()) else { return nil }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace:
                bytes.append(UInt8(ascii: " "))
            default:
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func nibble(_ digit: UInt8?) -> UInt8? {
        guard let digit, let value = Character(Unicode.Scalar(digit)).hexDigitValue else { return nil }
        return UInt8(value)
    }
}
