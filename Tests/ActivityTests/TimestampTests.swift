import Testing

@testable import Activity

struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59.999999Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00Z"),
            (1_700_000_000_123_000, "2023-11-14T22:13:20.123Z"),
            (1_700_000_000_000_007, "2023-11-14T22:13:20.000007Z"),
            (4_102_444_800_000_000, "2100-01-01T00:00:00Z"),
            (-62_135_596_800_000_000, "0001-01-01T00:00:00Z"),
        ] as [(Int64, String)]
    )
    func isWrittenAsRFC3339(microseconds: Int64, text: String) {
        #expect(Timestamp(microseconds: microseconds).description == text)
    }

    @Test func hoursBefore1970HoldTheirMoments() {
        #expect(Timestamp(microseconds: -1).hour == Hour(-1))
        #expect(Timestamp(microseconds: -3_600_000_000).hour == Hour(-1))
        #expect(Timestamp(microseconds: -3_600_000_001).hour == Hour(-2))
        #expect(Hour(-1).start == Timestamp(microseconds: -3_600_000_000))
    }
}
