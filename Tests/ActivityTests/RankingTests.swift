import Testing

@testable import Activity

struct RankingTests {
    @Test func putsLargerCountsFirstAndBreaksTiesByBytes() {
        let ranked = Ranking.all(tallies([0, 5, 9, 5, 0, 5]), of: dimension(["b", "z", "B", "ü", "a"]))
        #expect(ranked.map(\.name) == ["z", "B", "a", "b"])
    }

    @Test func keepsTheBestOfManyLikeASort() {
        var generator = SplitMix(state: 3)
        let counts = (0...5000).map { $0 == 0 ? 0 : Int.random(in: 0...400, using: &generator) }
        let dimension = dimension((1...5000).map { "member \($0)" })
        let best = Ranking.best(tallies(counts), of: dimension)
        #expect(best == Array(Ranking.all(tallies(counts), of: dimension).prefix(Ranking.limit)))
    }

    private func tallies(_ counts: [Int]) -> [TrafficTally] {
        counts.map { TrafficTally(events: $0) }
    }

    private func dimension(_ names: [String]) -> Dimension {
        var dimension = Dimension()
        for (index, name) in names.enumerated() { dimension.add(name, code: Int32(index + 1)) }
        return dimension
    }
}
