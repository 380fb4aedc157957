import Activity
import Testing

struct TimestampRFC3339Tests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-11-25T08:12:00.5Z", 1_795_594_320_500_000),
        ("2026-11-25t09:12:00.500000999+01:00", 1_795_594_320_500_000),
        ("2026-11-24 20:42:00.5-11:30", 1_795_594_320_500_000),
        ("2024-02-29T23:59:59Z", 1_709_251_199_000_000),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000_000),
    ])
    func isRead(_ text: String, microseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.microseconds == microseconds)
    }

    @Test(arguments: [
        "", "2026-11-25", "2026-11-25T08:12:00", "2026-11-25T08:12Z", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z",
        "2026-04-31T00:00:00Z", "2026-11-25T24:00:00Z", "2026-11-25T08:60:00Z", "2016-12-31T23:59:60Z",
        "2026-11-25T08:12:00.Z", "2026-11-25T08:12:00+0100", "2026-11-25T08:12:00Zx", "+026-11-25T08:12:00Z",
        "0000-01-01T00:00:00Z", "2026-11-25T08:12:00+24:00", " 2026-11-25T08:12:00Z", "2026-11-25T٠٨:12:00Z",
    ])
    func isRefused(_ text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    /// Every day of four centuries, which holds every shape of a year.
    @Test func isTheWayBackFromTheDescription() {
        for day in stride(from: Int64(-50_000), to: 100_000, by: 1) {
            let moment = Timestamp(microseconds: day * 86_400_000_000 + 3_723_000_004)
            #expect(Timestamp(rfc3339: moment.description) == moment)
        }
    }
}
