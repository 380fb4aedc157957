import Cron
import Scheduling
import Testing

struct JobPreviewTests {
    private static let newYear = NominalTime(secondsSince1970: 1_798_761_600)  // 2027-01-01T00:00:00Z

    @Test func timesInUTCEndWithZ() throws {
        let slots = try Job.idle("0 1 * * *").preview(after: Self.newYear, count: 2)
        #expect(slots.map(\.at) == ["2027-01-01T01:00:00Z", "2027-01-02T01:00:00Z"])
    }

    @Test func timesOfOtherZonesHaveTheOffsetOfTheirClock() throws {
        let zone = try TimeZoneDatabase().rules("America/St_Johns")
        let slots = try Job.idle("0 1 1 1,7 *", in: zone).preview(after: Self.newYear, count: 2)
        #expect(slots.map(\.at) == ["2027-01-01T01:00:00-03:30", "2027-07-01T01:00:00-02:30"])
        #expect(slots.map(\.clockChange) == [nil, "+1 h"])
    }
}
