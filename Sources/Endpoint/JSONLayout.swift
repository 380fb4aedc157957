/// How JSON is laid out for whoever reads it.
enum JSONLayout: Sendable, Hashable {
    /// As it is made, without white space.
    case compact
    /// A member or an element to a line, two blanks for each level, and a line break at the end.
    case indented

    /// JSON text with its white space replaced. Text that is no JSON stays text that is none.
    func applied(to json: [UInt8]) -> [UInt8] {
        switch self {
        case .compact: json
        case .indented: Indentation().text(of: json)
        }
    }
}

/// Goes over the bytes once; of the grammar it knows strings and what opens and closes.
private struct Indentation {
    private var text: [UInt8] = []
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    /// An opening bracket waits for what follows it, since nothing is put between it and its closing one.
    private var hasOpened = false

    consuming func text(of json: [UInt8]) -> [UInt8] {
        text.reserveCapacity(json.count * 3 / 2)
        for byte in json {
            if isInString { continueString(byte) } else { append(byte) }
        }
        text.append(UInt8(ascii: "\n"))
        return text
    }

    private mutating func continueString(_ byte: UInt8) {
        text.append(byte)
        if isEscaped {
            isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
            isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
            isInString = false
        }
    }

    private mutating func append(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): return
        case UInt8(ascii: "}"), UInt8(ascii: "]"): return close(byte)
        default: break
        }
        if hasOpened { breakLine() }
        hasOpened = false
        text.append(byte)
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            depth += 1
            hasOpened = true
        case UInt8(ascii: ","): breakLine()
        case UInt8(ascii: ":"): text.append(UInt8(ascii: " "))
        case UInt8(ascii: "\""): isInString = true
        default: break
        }
    }

    private mutating func close(_ bracket: UInt8) {
        depth = max(0, depth - 1)
        if !hasOpened { breakLine() }
        hasOpened = false
        text.append(bracket)
    }

    private mutating func breakLine() {
        text.append(UInt8(ascii: "\n"))
        text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth * 2))
    }
}
