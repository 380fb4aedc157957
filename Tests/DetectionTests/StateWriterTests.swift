import Detection
import Testing

struct StateWriterTests {
    @Test(arguments: [0, 1, -1, 63, 64, -64, -65, 1 << 40, .max, .min] as [Int64])
    func numbersComeBack(_ number: Int64) throws {
        var writer = StateWriter()
        writer.append(number)
        var reader = StateReader(writer.bytes)
        #expect(try reader.next() == number)
        #expect(reader.isAtEnd)
    }

    @Test
    func textsAndFractionsComeBack() throws {
        var writer = StateWriter()
        writer.append("fe80::1 ü")
        writer.append(-0.1)
        writer.append(7)
        var reader = StateReader(writer.bytes)
        #expect(try reader.next(String.self) == "fe80::1 ü")
        #expect(try reader.next(Double.self) == -0.1)
        #expect(try reader.next(upTo: 7) == 7)
    }

    @Test(arguments: [[], [0x80], [UInt8](repeating: 0xFF, count: 11)] as [[UInt8]])
    func damagedNumbersAreRefused(_ bytes: [UInt8]) {
        var reader = StateReader(bytes)
        #expect(throws: DamagedStateError.self) { try reader.next() }
    }

    @Test
    func aTextLongerThanItsBytesIsRefused() {
        var writer = StateWriter()
        writer.append(1_000_000)
        var reader = StateReader(writer.bytes)
        #expect(throws: DamagedStateError.self) { try reader.next(String.self) }
    }
}
