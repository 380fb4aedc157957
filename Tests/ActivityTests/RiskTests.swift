import Testing

@testable import Activity

struct RiskTests {
    @Test(arguments: [
        (count: 100, collections: 5, actions: 4, level: Risk.Level.low, alert: "SUSPICIOUS_PATTERN"),
        (count: 101, collections: 5, actions: 4, level: .low, alert: "SUSPICIOUS_PATTERN"),
        (count: 101, collections: 6, actions: 4, level: .medium, alert: "SUSPICIOUS_PATTERN"),
        (count: 201, collections: 1, actions: 1, level: .medium, alert: "SUSPICIOUS_PATTERN"),
        (count: 500, collections: 10, actions: 4, level: .medium, alert: "SUSPICIOUS_PATTERN"),
        (count: 501, collections: 1, actions: 1, level: .medium, alert: "EXCESSIVE_REQUESTS"),
        (count: 501, collections: 6, actions: 1, level: .high, alert: "EXCESSIVE_REQUESTS"),
        (count: 11, collections: 11, actions: 1, level: .medium, alert: "BROAD_ACCESS"),
        (count: 201, collections: 6, actions: 5, level: .high, alert: "DIVERSE_ACTIONS"),
    ])
    func followsThePredecessorsPoints(count: Int, collections: Int32, actions: Int32, level: Risk.Level, alert: String)
    {
        let risk = Risk(IPTally(events: count, collections: collections, actions: actions))
        #expect(risk.level == level)
        #expect("\(risk.alertType)" == alert)
    }

    @Test(
        arguments: [
            (count: 0, collections: 0, actions: 0, score: 0),
            (count: 10, collections: 0, actions: 0, score: 1),
            (count: 9, collections: 0, actions: 0, score: 0),
            (count: 1000, collections: 20, actions: 5, score: 100),
            (count: 5000, collections: 90, actions: 9, score: 100),
            (count: 7, collections: 3, actions: 2, score: 14),
        ] as [(count: Int, collections: Int32, actions: Int32, score: Int)]
    )
    func scoresFromNothingToAHundred(count: Int, collections: Int32, actions: Int32, score: Int) {
        #expect(Risk(IPTally(events: count, collections: collections, actions: actions)).score == score)
    }
}
