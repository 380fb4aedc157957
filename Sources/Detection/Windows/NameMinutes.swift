/// In which of the last minutes a collection or an action occurred, one bit for each: bit 0 is the newest minute.
struct NameMinutes: Sendable, Hashable {
    var tag: UInt32
    var bits: UInt128

    static func mark(_ tag: UInt32, age: Int, in names: inout [NameMinutes], limit: Int) {
        if let index = names.firstIndex(where: { $0.tag == tag }) {
            names[index].bits |= 1 << UInt128(age)
            return
        }
        names.append(NameMinutes(tag: tag, bits: 1 << UInt128(age)))
        guard names.count > limit else { return }
        // The one that was seen longest ago.
        let oldest = names.indices.max { names[$0].bits.trailingZeroBitCount < names[$1].bits.trailingZeroBitCount }
        names.remove(at: oldest ?? 0)
    }

    /// Lets minutes pass and forgets the names that are then beyond the reach.
    static func age(_ names: inout [NameMinutes], by minutes: Int) {
        let mask = (UInt128(1) << UInt128(RequestWindow.reach)) - 1
        for index in names.indices { names[index].bits = names[index].bits << UInt128(minutes) & mask }
        names.removeAll { $0.bits == 0 }
    }

    /// How many names occurred in a window that ended so many minutes ago.
    static func count(_ names: [NameMinutes], age: Int, length: Int) -> Int {
        let window = ((UInt128(1) << UInt128(length)) - 1) << UInt128(age)
        return names.reduce(0) { $1.bits & window == 0 ? $0 : $0 + 1 }
    }

    static func read(_ reader: inout StateReader, upTo limit: Int) throws(DamagedStateError) -> [NameMinutes] {
        var names: [NameMinutes] = []
        for _ in 0..<(try reader.next(upTo: limit)) {
            let tag = try reader.next(upTo: Int(UInt32.max))
            let low = UInt128(UInt64(bitPattern: try reader.next()))
            let high = UInt128(UInt64(bitPattern: try reader.next()))
            names.append(NameMinutes(tag: UInt32(tag), bits: high << 64 | low))
        }
        return names
    }

    static func write(_ names: [NameMinutes], to writer: inout StateWriter) {
        writer.append(names.count)
        for name in names {
            writer.append(Int64(name.tag))
            writer.append(Int64(bitPattern: UInt64(truncatingIfNeeded: name.bits)))
            writer.append(Int64(bitPattern: UInt64(truncatingIfNeeded: name.bits >> 64)))
        }
    }
}
