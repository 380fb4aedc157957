/// A zone file made for a test.
struct SyntheticZone {
    var transitions: [(time: Int64, type: UInt8)] = []
    var offsets: [Int32] = [0, 3_600]
    var footer = "UTC0"
    var leapCount: UInt32 = 0

    /// Version 2: an empty block of 32 bits, the block of 64, the footer.
    var bytes: [UInt8] {
        var empty = SyntheticZone()
        empty.offsets = [0]
        return empty.block(version: 0x32, is64: false) + block(version: 0x32, is64: true) + Array("\n\(footer)\n".utf8)
    }

    /// Version 1: the block of 32 bits alone.
    var versionOne: [UInt8] { block(version: 0, is64: false) }

    private func block(version: UInt8, is64: Bool) -> [UInt8] {
        let counts = [0, 0, leapCount, UInt32(transitions.count), UInt32(offsets.count), 4]
        var bytes = Array("TZif".utf8) + [version] + [UInt8](repeating: 0, count: 15)
        for count in counts { bytes += bigEndian(count) }
        for (time, _) in transitions { bytes += is64 ? bigEndian(time) : bigEndian(Int32(truncatingIfNeeded: time)) }
        bytes += transitions.map(\.type)
        for offset in offsets { bytes += bigEndian(offset) + [0, 0] }
        return bytes + Array("XXX\0".utf8)
    }

    private func bigEndian(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}
