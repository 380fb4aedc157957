/// Rows of text in columns that are as wide as they need to be; printable, whatever the cells hold.
package struct TextTable: Sendable {
    private let rows: [[String]]

    /// A table; all rows have as many cells as the header.
    ///
    /// - Parameters:
    ///   - header: the first row; empty for none.
    ///   - rows: the others.
    package init(_ header: [String], _ rows: [[String]]) {
        self.rows = (header.isEmpty ? [] : [header]) + rows.map { $0.map(\.printable) }
    }

    /// A line for each row; the last column is not filled up.
    package var lines: [String] {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { column, text in
                column == count - 1 ? text : text + String(repeating: " ", count: widths[column] - text.count)
            }
            return cells.joined(separator: "  ")
        }
    }
}
