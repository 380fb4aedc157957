import Testing

@testable import PostgresClient

@Suite struct PostgresTimestampTests {
    @Test(arguments: [
        (Int64.max, Int64.max), (Int64.min, Int64.min), (0, -946_684_800_000_000), (946_684_800_000_000, 0),
        (Int64.min + 1, Int64.min + 1),
    ])
    func convertsToTheServersEpoch(microseconds: Int64, server: Int64) {
        #expect(PostgresTimestamp(microseconds: microseconds).serverValue == server)
    }

    @Test func refusesWhatDoesNotFit() {
        #expect(PostgresTimestamp(serverValue: Int64.max - 1) == nil)
        #expect(PostgresTimestamp(serverValue: 0)?.microseconds == 946_684_800_000_000)
        #expect(PostgresTimestamp(serverValue: .max) == .infinity)
    }

    @Test func infinitiesAreTheEnds() {
        let now = PostgresTimestamp(microseconds: 0)
        #expect(PostgresTimestamp.negativeInfinity < now && now < .infinity)
        #expect(now.isFinite && !PostgresTimestamp.infinity.isFinite)
    }
}
