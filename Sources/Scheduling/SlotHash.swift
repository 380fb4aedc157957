/// A number for each slot that looks random and is the same in every daemon.
enum SlotHash {
    /// From 0 up to 1: FNV-1a over the job's name and the nominal time, mixed as in SplitMix64.
    ///
    /// Sources: draft-eastlake-fnv; Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014.
    static func fraction(_ job: String, _ time: Int64) -> Double {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in job.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash ^= UInt64(bitPattern: time)
        hash = (hash ^ hash >> 30) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ hash >> 27) &* 0x94D0_49BB_1331_11EB
        hash ^= hash >> 31
        return Double(hash >> 11) / Double(1 << 53)
    }
}
