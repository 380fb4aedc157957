/// The facts of the longest window, one segment for each hour that has any, oldest first.
///
/// A value: a copy costs one array of references, so a reader keeps its own while the next generation is loaded.
public struct Cube: Sendable {
    /// Segments in ascending order of their hours; hours without facts have none.
    public private(set) var segments: [Segment] = []

    /// A cube without facts.
    public init() {}

    /// Number of facts held.
    public var factCount: Int { segments.reduce(0) { $0 + $1.facts.count } }

    /// Puts a segment in the place of the one for the same hour; a segment without facts removes it.
    ///
    /// - Returns: the segment that was replaced, if any.
    @discardableResult
    public mutating func replace(with segment: Segment) -> Segment? {
        let index = segments.partitioningIndex { $0.hour >= segment.hour }
        let old = index < segments.count && segments[index].hour == segment.hour ? segments[index] : nil
        let range = index..<(old == nil ? index : index + 1)
        segments.replaceSubrange(range, with: segment.facts.isEmpty ? [] : [segment])
        return old
    }

    /// Forgets the hours before the given one.
    public mutating func removeSegments(before hour: Hour) {
        segments.removeFirst(segments.partitioningIndex { $0.hour >= hour })
    }

    /// The segments of an inclusive range of hours, oldest first.
    func segments(in hours: ClosedRange<Hour>) -> ArraySlice<Segment> {
        let lower = segments.partitioningIndex { $0.hour >= hours.lowerBound }
        let upper = segments.partitioningIndex { $0.hour > hours.upperBound }
        return segments[lower..<upper]
    }
}

extension RandomAccessCollection where Index == Int {
    /// The first index whose element satisfies a predicate that is false for a prefix and true for the rest.
    func partitioningIndex(where belongsInSecondPartition: (Element) -> Bool) -> Int {
        var lower = startIndex
        var upper = endIndex
        while lower < upper {
            let middle = lower + (upper - lower) / 2
            if belongsInSecondPartition(self[middle]) { upper = middle } else { lower = middle + 1 }
        }
        return lower
    }
}
