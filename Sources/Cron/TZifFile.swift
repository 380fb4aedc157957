/// The parts of a TZif file that say which offset holds when (RFC 9636, section 3).
struct TZifFile {
    struct Transition {
        /// Seconds since 1970.
        var time: Int
        /// Seconds east of UTC from then on.
        var offset: Int
    }

    private(set) var transitions: [Transition] = []
    private(set) var rule: PosixRule?
    private var initialOffset = 0

    /// The offset before all transitions.
    ///
    /// Without transitions the footer alone counts, and the offset is that of the rule.
    func firstOffset(at instant: Int) -> Int {
        if transitions.isEmpty, let rule { return rule.span(containing: instant).offset }
        return initialOffset
    }

    init(_ bytes: [UInt8]) throws(TZifError) {
        var reader = ByteReader(bytes)
        let first = try Header(&reader)
        guard first.version > 1 else {
            try readBlock(first, &reader, timeSize: 4)
            return
        }
        // What a reader of 32 bits sees is repeated below with 64.
        try reader.skip(first.blockSize(timeSize: 4))
        let second = try Header(&reader)
        try readBlock(second, &reader, timeSize: 8)
        rule = try Self.footer(&reader)
    }

    private mutating func readBlock(_ header: Header, _ reader: inout ByteReader, timeSize: Int) throws(TZifError) {
        let times = try Self.times(count: header.timeCount, size: timeSize, &reader)
        var indices: [Int] = []
        for _ in times { indices.append(Int(try reader.byte())) }
        var offsets: [Int] = []
        for _ in 0..<header.typeCount { offsets.append(try Self.offset(&reader, nameSize: header.nameSize)) }
        try reader.skip(header.nameSize + header.standardCount + header.universalCount)

        guard indices.allSatisfy(offsets.indices.contains) else { throw reader.error(.badIndex) }
        initialOffset = offsets[0]
        transitions = zip(times, indices).map { Transition(time: $0, offset: offsets[$1]) }
    }

    private static func times(count: Int, size: Int, _ reader: inout ByteReader) throws(TZifError) -> [Int] {
        // RFC 9636, section 3.2, advises against earlier ones.
        let bounds = -(1 << 59)...(1 << 59)
        var times: [Int] = []
        for _ in 0..<count {
            let time = try reader.signed(size)
            guard bounds.contains(time), time > times.last ?? .min else { throw reader.error(.badTransition) }
            times.append(time)
        }
        return times
    }

    /// Reads one local time type: offset, daylight flag, index of the abbreviation.
    private static func offset(_ reader: inout ByteReader, nameSize: Int) throws(TZifError) -> Int {
        let offset = try reader.signed(4)
        guard abs(offset) < 26 * 3_600, try reader.byte() <= 1 else { throw reader.error(.badType) }
        guard try reader.byte() < nameSize else { throw reader.error(.badIndex) }
        return offset
    }

    private static func footer(_ reader: inout ByteReader) throws(TZifError) -> PosixRule? {
        let lineFeed = UInt8(ascii: "\n")
        guard try reader.byte() == lineFeed else { throw reader.error(.badFooter) }
        var text: [UInt8] = []
        while case let byte = try reader.byte(), byte != lineFeed {
            guard text.count < 128 else { throw reader.error(.badFooter) }
            text.append(byte)
        }
        if text.isEmpty { return nil }
        guard let rule = PosixRule(text) else { throw reader.error(.badFooter) }
        return rule
    }
}

extension TZifFile {
    /// The 44 bytes before each block.
    private struct Header {
        let version: Int
        let universalCount: Int
        let standardCount: Int
        let leapCount: Int
        let timeCount: Int
        let typeCount: Int
        let nameSize: Int

        init(_ reader: inout ByteReader) throws(TZifError) {
            for byte in "TZif".utf8 {
                guard try reader.byte() == byte else { throw reader.error(.notTZif) }
            }
            version = try Self.version(&reader)
            try reader.skip(15)
            universalCount = try reader.unsigned(4)
            standardCount = try reader.unsigned(4)
            leapCount = try reader.unsigned(4)
            timeCount = try reader.unsigned(4)
            typeCount = try reader.unsigned(4)
            nameSize = try reader.unsigned(4)
            guard leapCount == 0 else { throw reader.error(.leapSeconds) }
            guard hasSaneCounts else { throw reader.error(.badCount) }
        }

        func blockSize(timeSize: Int) -> Int {
            timeCount * (timeSize + 1) + typeCount * 6 + nameSize + standardCount + universalCount
        }

        /// Real files have up to some 300 transitions, 20 types and 60 bytes of names.
        private var hasSaneCounts: Bool {
            timeCount <= 20_000 && (1...256).contains(typeCount) && (1...4_096).contains(nameSize)
                && [0, typeCount].contains(standardCount) && [0, typeCount].contains(universalCount)
        }

        private static func version(_ reader: inout ByteReader) throws(TZifError) -> Int {
            switch try reader.byte() {
            case 0: 1
            case UInt8(ascii: "2"): 2
            case UInt8(ascii: "3"): 3
            case UInt8(ascii: "4"): 4
            default: throw reader.error(.unknownVersion)
            }
        }
    }
}
