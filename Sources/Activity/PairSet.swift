/// A set of pairs of positive dimension codes that tells whether a pair is new: the exact distinct count of a sweep.
///
/// Small products are a bit matrix, one cache line for most questions; large ones are a table with linear probing.
struct PairSet {
    /// The bits of the matrix, row by row, or the slots of the table.
    private var words: [UInt64]
    /// Columns of the matrix; 0 says that this is a table.
    private let stride: Int
    /// Pairs in the table.
    private var count = 0

    /// 8 MiB of bits, about what the table would take for the same number of pairs in practice.
    private static let largestMatrix = 1 << 26

    /// - Parameters:
    ///   - rows: bound of the first code.
    ///   - columns: bound of the second code.
    init(rows: Int, columns: Int) {
        let (cells, overflows) = rows.multipliedReportingOverflow(by: columns)
        let isMatrix = !overflows && cells <= Self.largestMatrix
        stride = isMatrix ? columns : 0
        words = Array(repeating: 0, count: isMatrix ? cells / 64 + 1 : 1 << 16)
    }

    /// Adds a pair.
    ///
    /// - Returns: true when the pair was not in the set.
    mutating func insert(_ row: Int32, _ column: Int32) -> Bool {
        stride > 0 ? insertIntoMatrix(Int(row) * stride + Int(column)) : insertIntoTable(row, column)
    }

    private mutating func insertIntoMatrix(_ cell: Int) -> Bool {
        let bit: UInt64 = 1 << UInt64(cell & 63)
        let isNew = words[cell >> 6] & bit == 0
        words[cell >> 6] |= bit
        return isNew
    }

    private mutating func insertIntoTable(_ row: Int32, _ column: Int32) -> Bool {
        let pair = UInt64(UInt32(bitPattern: row)) << 32 | UInt64(UInt32(bitPattern: column))
        let slot = slot(of: pair)
        guard words[slot] == 0 else { return false }
        words[slot] = pair
        count += 1
        if count * 2 > words.count { grow() }
        return true
    }

    /// Codes are positive, so that no pair is 0 and 0 can mark a free slot.
    private func slot(of pair: UInt64) -> Int {
        let mask = words.count - 1
        var slot = Int(truncatingIfNeeded: (pair &* 0x9E37_79B9_7F4A_7C15) >> 20) & mask
        while words[slot] != 0 && words[slot] != pair { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func grow() {
        let pairs = words
        words = Array(repeating: 0, count: pairs.count * 2)
        for pair in pairs where pair != 0 { words[slot(of: pair)] = pair }
    }
}
