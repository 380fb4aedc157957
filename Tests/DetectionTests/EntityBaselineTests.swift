import Testing

@testable import Detection

struct EntityBaselineTests {
    private func taught(_ hours: [(hour: Int, events: Double)]) -> EntityBaseline {
        hours.reduce(into: EntityBaseline()) { $0.teach(hour: $1.hour, events: $1.events) }
    }

    @Test func anHourOfTheWeekSpeaksAfterThreeWeeks() {
        let two = taught((0..<2).map { ($0 * 168 + 9, 50) })
        #expect(two.usual(in: 2 * 168 + 9) == nil)
        let three = taught((0..<3).map { ($0 * 168 + 9, 50) })
        #expect(three.usual(in: 3 * 168 + 9)?.mean == 50)
        #expect(three.usual(in: 3 * 168 + 9)?.deviation == 0)
        #expect(three.usual(in: 3 * 168 + 10) == nil)
    }

    @Test func allHoursTogetherSpeakAfterADay() {
        let day = taught((0..<24).map { ($0, 10) })
        #expect(day.usual(in: 500)?.mean == 10)
        #expect(taught((0..<23).map { ($0, 10) }).usual(in: 500) == nil)
    }

    @Test func hoursWithoutEventsAreZerosWhereTheSlotIsActive() throws {
        let hours = [0, 1, 2, 5].map { (hour: $0 * 168, events: 30.0) }
        let usual = try #require(taught(hours).usual(in: 6 * 168))
        #expect(usual.observations == 6)
        #expect(usual.mean < 30)
        // Other hours of the week are not known, rather than known to be quiet.
        #expect(taught(hours).usual(in: 6 * 168 + 1) == nil)
    }

    @Test func anHourIsTaughtOnceAndInOrder() {
        var baseline = taught([(10, 5), (11, 7)])
        let before = baseline
        baseline.teach(hour: 11, events: 1000)
        baseline.teach(hour: 9, events: 1000)
        #expect(baseline == before)
    }

    @Test func oldHabitsAreForgotten() throws {
        let hours = (0..<40).map { (hour: $0 * 168, events: $0 < 10 ? 1000.0 : 10.0) }
        let usual = try #require(taught(hours).usual(in: 40 * 168))
        #expect((10..<15).contains(usual.mean))
    }

    /// One flood of ten thousand teaches as much as the limit.
    @Test func aFloodDoesNotMakeFloodsUsual() {
        var entities = Entities("ip", isNamed: false)
        let settings = DetectionSettings.ExcessiveRequests()
        for hour in 0..<48 { entities.teach("a", hour, 20, settings) }
        entities.teach("a", 48, 10_000, settings)
        #expect(entities.limit(in: 49, of: "a", settings).events < 200)
        for hour in 49..<200 { entities.teach("a", hour, 10_000, settings) }
        #expect(entities.limit(in: 200, of: "a", settings).events > 10_000)
    }
}
