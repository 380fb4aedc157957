import Testing

@testable import Activity

struct PairSetTests {
    /// The first is a bit matrix, the second is too large for one.
    @Test(arguments: [(100, 100), (100_000, 100_000)])
    func tellsWhetherAPairIsNew(rows: Int, columns: Int) {
        var set = PairSet(rows: rows, columns: columns)
        var reference: Set<[Int32]> = []
        var generator = SplitMix(state: 7)
        for _ in 0..<100_000 {
            let row = Int32.random(in: 1..<Int32(rows), using: &generator)
            let column = Int32.random(in: 1..<Int32(columns), using: &generator)
            #expect(set.insert(row, column) == reference.insert([row, column]).inserted)
        }
    }
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
