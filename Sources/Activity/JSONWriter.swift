/// Appends JSON tokens to a byte buffer; the caller keeps the grammar.
///
/// Documents are written once and served many times, so this writes bytes and not values of a general encoder: keys
/// come in a stable order, counts are integers, and nothing is allocated for a row besides the buffer itself.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append(raw text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    mutating func append(raw other: some Collection<UInt8>) {
        bytes.append(contentsOf: other)
    }

    mutating func append(_ number: some FixedWidthInteger) {
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        appendDigits(UInt64(number.magnitude), atLeast: 1)
    }

    /// A JSON string. Control characters, quotes and backslashes are escaped (RFC 8259, section 7).
    mutating func append(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20:
                append(raw: "\\u00")
                bytes.append(hexadecimalDigit(byte >> 4))
                bytes.append(hexadecimalDigit(byte & 15))
            default:
                bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// RFC 3339 in UTC, without quotes.
    mutating func append(_ moment: Timestamp) {
        let second = moment.second
        let (year, month, day) = civilDate(daysSince1970: second.flooredQuotient(86_400))
        let secondOfDay = UInt64(second - second.flooredQuotient(86_400) * 86_400)
        if year < 0 { bytes.append(UInt8(ascii: "-")) }
        appendDigits(year.magnitude, atLeast: 4)
        bytes.append(UInt8(ascii: "-"))
        appendDigits(month, atLeast: 2)
        bytes.append(UInt8(ascii: "-"))
        appendDigits(day, atLeast: 2)
        bytes.append(UInt8(ascii: "T"))
        appendDigits(secondOfDay / 3600, atLeast: 2)
        bytes.append(UInt8(ascii: ":"))
        appendDigits(secondOfDay / 60 % 60, atLeast: 2)
        bytes.append(UInt8(ascii: ":"))
        appendDigits(secondOfDay % 60, atLeast: 2)
        appendFraction(UInt64(moment.microseconds - second * 1_000_000))
        bytes.append(UInt8(ascii: "Z"))
    }

    /// RFC 3339 in quotes, or null.
    mutating func append(quoted moment: Timestamp?) {
        guard let moment else { return append(raw: "null") }
        append(raw: "\"")
        append(moment)
        append(raw: "\"")
    }

    /// Elements with commas between them.
    mutating func append<Element>(_ elements: some Sequence<Element>, _ encode: (Element, inout JSONWriter) -> Void) {
        var isFirst = true
        for element in elements {
            if !isFirst { append(raw: ",") }
            isFirst = false
            encode(element, &self)
        }
    }

    private mutating func appendFraction(_ microseconds: UInt64) {
        guard microseconds > 0 else { return }
        bytes.append(UInt8(ascii: "."))
        if microseconds % 1000 == 0 {
            appendDigits(microseconds / 1000, atLeast: 3)
        } else {
            appendDigits(microseconds, atLeast: 6)
        }
    }

    private mutating func appendDigits(_ number: UInt64, atLeast width: Int) {
        let start = bytes.count
        var rest = number
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0 || bytes.count - start < width
        bytes[start...].reverse()
    }

    private func hexadecimalDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
    }
}

/// The proleptic Gregorian date of a day.
///
/// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`: years begin in March, so that the
/// leap day is the last of its year, and eras of 400 years repeat exactly.
private func civilDate(daysSince1970 days: Int64) -> (year: Int64, month: UInt64, day: UInt64) {
    let shifted = days + 719_468
    let era = shifted.flooredQuotient(146_097)
    let dayOfEra = UInt64(shifted - era * 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = Int64(yearOfEra) + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
}
