/// The encoded rows of a document, with the place and the weight of each, so that parts are cut without parsing.
struct DocumentRows: Equatable, Sendable {
    /// Each row followed by a comma.
    private var bytes: [UInt8]
    /// The end of each row in `bytes`, its comma included.
    private var ends: [Int]
    /// What `minimum` is compared with: descending counts; empty for rows that are never cut by count.
    private let weights: [Int]

    /// A list whose rows are encoded one by one.
    init<Row>(_ rows: some Collection<Row>, weight: ((Row) -> Int)? = nil, _ encode: (Row, inout JSONWriter) -> Void) {
        var json = JSONWriter()
        ends = []
        ends.reserveCapacity(rows.count)
        for row in rows {
            encode(row, &json)
            json.append(raw: ",")
            ends.append(json.bytes.count)
        }
        bytes = json.bytes
        weights = weight.map(rows.map) ?? []
    }

    /// The indices of the selected rows.
    func range(of selection: RowSelection) -> Range<Int> {
        switch selection {
        case .all:
            return 0..<ends.count
        case .prefix(let limit, let minimum):
            let heavyEnough = weights.isEmpty ? ends.count : weights.partitioningIndex { $0 < minimum }
            return 0..<min(limit, heavyEnough)
        case .newest(let hours):
            return max(0, ends.count - hours - 1)..<ends.count
        }
    }

    /// The selected rows, separated by commas.
    func bytes(of selection: RowSelection) -> ArraySlice<UInt8> {
        bytes(of: range(of: selection))
    }

    /// The rows of a range, separated by commas.
    func bytes(of rows: Range<Int>) -> ArraySlice<UInt8> {
        guard let last = rows.last else { return [] }
        return bytes[(rows.lowerBound == 0 ? 0 : ends[rows.lowerBound - 1])..<(ends[last] - 1)]
    }
}
