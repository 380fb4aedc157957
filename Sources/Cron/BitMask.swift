/// Sets of small numbers: the values that a field of a schedule names.
typealias BitMask = UInt64

extension BitMask {
    /// The set of one number, 0 to 63.
    static func only(_ number: Int) -> BitMask { 1 << BitMask(number) }

    /// The numbers `from` to `through`, each 0 to 62.
    static func range(_ bounds: ClosedRange<Int>) -> BitMask {
        (2 << BitMask(bounds.upperBound)) - (1 << BitMask(bounds.lowerBound))
    }

    /// Whether the number is a member.
    func contains(_ number: Int) -> Bool { self >> BitMask(number) & 1 == 1 }

    /// The smallest member that is not below `number`.
    func first(from number: Int) -> Int? {
        let rest = number < 64 ? self & (.max << BitMask(number)) : 0
        return rest == 0 ? nil : rest.trailingZeroBitCount
    }

    /// The greatest member that is not above `number`.
    func last(through number: Int) -> Int? {
        guard number >= 0 else { return nil }
        let rest = number < 63 ? self & ((2 << BitMask(number)) - 1) : self
        return rest == 0 ? nil : 63 - rest.leadingZeroBitCount
    }

    /// The smallest member; 0 for the empty set.
    var lowest: Int { self == 0 ? 0 : trailingZeroBitCount }

    /// The greatest member; 0 for the empty set.
    var highest: Int { self == 0 ? 0 : 63 - leadingZeroBitCount }

    /// All members, ascending.
    var members: [Int] { (0..<64).filter(contains) }
}
