/// The binary format of `numeric`: digits to the base 10,000, the first one weighing 10,000 to the power of `weight`.
///
/// Source: `numeric_send` and `get_str_from_var` in PostgreSQL's `src/backend/utils/adt/numeric.c`.
enum PostgresNumeric {
    /// The value as the server would print it, for example `-12.50`, `NaN` or `Infinity`.
    static func text(_ bytes: RawSpan) throws(PostgresError) -> String {
        let text: String? = bytes.withUnsafeBytes { bytes -> String? in
            guard bytes.count >= 8, bytes.count.isMultiple(of: 2) else { return nil }
            let words = stride(from: 0, to: bytes.count, by: 2).map { offset in
                UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
            }
            guard words.count == 4 + Int(words[0]), words[4...].allSatisfy({ $0 < 10_000 }) else { return nil }
            return Self.text(
                digits: words[4...].map(Int.init),
                weight: Int(Int16(bitPattern: words[1])),
                sign: words[2],
                scale: Int(words[3] & 0x3FFF),
            )
        }
        guard let text else { throw .mismatch(String.self, .numeric, byteCount: bytes.byteCount) }
        return text
    }

    private static func text(digits: [Int], weight: Int, sign: UInt16, scale: Int) -> String? {
        switch sign {
        case 0x0000: return magnitude(digits, weight, scale)
        case 0x4000: return "-" + magnitude(digits, weight, scale)
        case 0xC000: return "NaN"
        case 0xD000: return "Infinity"
        case 0xF000: return "-Infinity"
        default: return nil
        }
    }

    private static func magnitude(_ digits: [Int], _ weight: Int, _ scale: Int) -> String {
        func group(_ index: Int) -> String {
            let value = digits.indices.contains(index) ? digits[index] : 0
            return String(String(value + 10_000).dropFirst())
        }
        let whole = weight < 0 ? "" : (0...weight).map(group).joined()
        let significant = String(whole.drop { $0 == "0" })
        let integer = significant.isEmpty ? "0" : significant
        guard scale > 0 else { return integer }
        let fraction = (0..<(scale + 3) / 4).map { group(weight + 1 + $0) }.joined()
        return integer + "." + fraction.prefix(scale)
    }
}
