extension JSONValue {
    /// The value as JSON text in UTF-8, without white space.
    package var encoded: [UInt8] {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return bytes
    }

    private func append(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .boolean(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): bytes.append(contentsOf: String(value).utf8)
        case .number(let value): bytes.append(contentsOf: (value.isFinite ? "\(value)" : "null").utf8)
        case .string(let value): Self.append(quoted: value, to: &bytes)
        case .array(let values):
            Self.append(values, between: "[", and: "]", to: &bytes) { $0.append(to: &$1) }
        case .object(let members):
            Self.append(members, between: "{", and: "}", to: &bytes) { member, bytes in
                Self.append(quoted: member.name, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.append(to: &bytes)
            }
        }
    }

    private static func append<Element>(
        _ elements: [Element],
        between opening: Unicode.Scalar,
        and closing: Unicode.Scalar,
        to bytes: inout [UInt8],
        _ encode: (Element, inout [UInt8]) -> Void,
    ) {
        bytes.append(UInt8(ascii: opening))
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            encode(element, &bytes)
        }
        bytes.append(UInt8(ascii: closing))
    }

    /// Escapes what RFC 8259, section 7 demands.
    private static func append(quoted text: String, to bytes: inout [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes += [UInt8(ascii: "\\"), byte]
            case 0..<0x20:
                bytes += "\\u00".utf8
                bytes += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default:
                bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
