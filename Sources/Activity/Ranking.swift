import HeapModule

/// A member of a dimension with what was counted for it.
struct Ranked<Counted: Tally> {
    let name: String
    let tally: Counted
}

extension Ranked: Comparable {
    /// More events come first; names in byte order break ties, so that every daemon renders the same list.
    static func < (left: Ranked, right: Ranked) -> Bool {
        left.tally.events == right.tally.events
            ? left.name.precedesInBytes(right.name)
            : left.tally.events > right.tally.events
    }

    static func == (left: Ranked, right: Ranked) -> Bool {
        left.tally.events == right.tally.events && left.name == right.name
    }
}

enum Ranking {
    /// The most rows that a reader may ask for, and so the most that a ranked document holds.
    static let limit = 1000

    /// All members with events, best first.
    static func all<Counted: Tally>(_ tallies: [Counted], of dimension: Dimension) -> [Ranked<Counted>] {
        members(tallies, of: dimension).sorted()
    }

    /// The best `limit` members with events, best first, in time linear in the members.
    static func best<Counted: Tally>(_ tallies: [Counted], of dimension: Dimension) -> [Ranked<Counted>] {
        var heap = Heap<Ranked<Counted>>()
        heap.reserveCapacity(limit)
        for member in members(tallies, of: dimension) {
            if heap.count < limit {
                heap.insert(member)
            } else if let worst = heap.max, member < worst {
                heap.replaceMax(with: member)
            }
        }
        return heap.unordered.sorted()
    }

    /// Code 0 is NULL, which is no member.
    private static func members<Counted: Tally>(
        _ tallies: [Counted],
        of dimension: Dimension,
    ) -> some Sequence<Ranked<Counted>> {
        tallies.indices.dropFirst().lazy
            .filter { tallies[$0].events > 0 }
            .map { Ranked(name: dimension[Int32($0)], tally: tallies[$0]) }
    }
}
