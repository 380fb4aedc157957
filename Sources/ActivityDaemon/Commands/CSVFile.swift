import FoundationEssentials

/// A file of comma-separated values with a header (RFC 4180), read as a whole.
///
/// Fields may be quoted, and then contain commas, line breaks and doubled quotes; lines end with CR LF or LF; empty lines
/// are passed over; a byte order mark is too.
struct CSVFile: Sendable {
    /// As it was named.
    let path: String
    private let header: [String]
    /// The rows after the header, each with as many fields as that.
    let rows: [[String]]

    /// Reads a file.
    ///
    /// - Throws: ``CSVError``.
    init(path: String) throws(CSVError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CSVError(kind: .file, "\(path) cannot be read")
        }
        try self.init(path: path, data)
    }

    init(path: String, _ bytes: some Sequence<UInt8>) throws(CSVError) {
        var parser = CSVParser()
        for byte in bytes { parser.absorb(byte) }
        var records = try parser.finish(path)
        guard !records.isEmpty else { throw CSVError(kind: .file, "\(path) is empty; a header is expected") }
        header = records.removeFirst()
        rows = records
        self.path = path
        for (row, fields) in rows.enumerated() where fields.count != header.count {
            let found = fields.count == 1 ? "1 field" : "\(fields.count) fields"
            throw CSVError(kind: .row, "\(path), row \(row): \(found) instead of \(header.count) as in the header")
        }
    }

    /// Where a column is.
    ///
    /// - Throws: ``CSVError``, which lists the columns that there are.
    func column(_ name: String) throws(CSVError) -> Int {
        guard let index = header.firstIndex(of: name) else {
            let columns = header.joined(separator: ", ")
            throw CSVError(kind: .file, "\(path) has no column \(name); accepted is one of \(columns)")
        }
        return index
    }

    /// What is wrong with a field.
    func refusal(row: Int, column: Int, accepted: String) -> CSVError {
        let field = rows[row][column]
        return CSVError(
            kind: .row,
            "\(path), row \(row), column \(header[column]): '\(field)' is refused; accepted \(accepted)",
        )
    }
}

/// Why a file of comma-separated values cannot be used.
package struct CSVError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Whether another file or column would help, or the file is damaged.
    package enum Kind: Sendable, Hashable {
        case file, row
    }

    /// What kind of trouble it is.
    package let kind: Kind
    /// Which file, row and column, counted from 0 after the header, and what is accepted.
    package let description: String

    init(kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}

/// Takes records apart, byte by byte.
private struct CSVParser {
    private var records: [[String]] = []
    private var fields: [String] = []
    private var field: [UInt8] = []
    private var place = Place.fieldStart

    private enum Place {
        case fieldStart, plain, quoted
        /// Behind a quote that ends the field or is the first of two.
        case quote
    }

    mutating func absorb(_ byte: UInt8) {
        switch (place, byte) {
        case (.fieldStart, UInt8(ascii: "\"")): place = .quoted
        case (.quoted, UInt8(ascii: "\"")): place = .quote
        case (.quoted, _): field.append(byte)
        case (.quote, UInt8(ascii: "\"")):
            field.append(byte)
            place = .quoted
        case (_, UInt8(ascii: ",")): endField()
        case (_, UInt8(ascii: "\n")): endRecord()
        default:
            field.append(byte)
            if place == .fieldStart { place = .plain }
        }
    }

    mutating func finish(_ path: String) throws(CSVError) -> [[String]] {
        guard place != .quoted else {
            throw CSVError(kind: .row, "\(path), row \(records.count - 1): a quote is opened and not closed")
        }
        endRecord()
        return records
    }

    private mutating func endField() {
        fields.append(String(decoding: field, as: UTF8.self))
        field.removeAll(keepingCapacity: true)
        place = .fieldStart
    }

    private mutating func endRecord() {
        if field.last == UInt8(ascii: "\r") { field.removeLast() }
        let isEmpty = fields.isEmpty && field.isEmpty && place != .quote
        endField()
        if !isEmpty { records.append(fields) }
        fields = []
    }
}
