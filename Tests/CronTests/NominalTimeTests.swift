import Cron
import Testing

struct NominalTimeTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (1_795_479_300, "2026-11-24T00:15:00Z"), (-1, "1969-12-31T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"), (253_402_300_799, "9999-12-31T23:59:59Z"),
            (-62_135_596_800, "0001-01-01T00:00:00Z"), (-62_167_219_201, "-0001-12-31T23:59:59Z"),
        ] as [(Int64, String)]
    )
    func isWrittenInUTC(seconds: Int64, text: String) {
        #expect(NominalTime(secondsSince1970: seconds).description == text)
    }

    @Test(arguments: [Int64.min, .max])
    func isWrittenWhateverItIs(seconds: Int64) {
        #expect(NominalTime(secondsSince1970: seconds).description.hasSuffix("Z"))
    }

    @Test func isOrderedByTime() {
        #expect(NominalTime(secondsSince1970: -1) < NominalTime(secondsSince1970: 0))
        #expect(Set([1, 1, 2].map(NominalTime.init(secondsSince1970:))).count == 2)
    }
}
