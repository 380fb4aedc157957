import Synchronization

/// Makes the values of `X-Request-Id`: unique in a process, and in all likelihood among processes.
///
/// A counter goes through a bijection, so no two are the same; 13 characters fit into a string without an allocation.
final class RequestIdentifiers: Sendable {
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    private let counter: Atomic<UInt64>

    init(seed: UInt64 = .random(in: .min ... .max)) {
        counter = Atomic(seed)
    }

    func next() -> String {
        var number = Self.scrambled(counter.wrappingAdd(1, ordering: .relaxed).newValue)
        return String(unsafeUninitializedCapacity: 13) { text in
            for index in text.indices {
                text.initializeElement(at: index, to: Self.alphabet[Int(number & 31)])
                number >>= 5
            }
            return 13
        }
    }

    /// Multiplications by odd numbers and xor-shifts can be undone, so this is a bijection.
    private static func scrambled(_ number: UInt64) -> UInt64 {
        var number = number &* 0x9E37_79B9_7F4A_7C15
        number ^= number >> 32
        number = number &* 0xD6E8_FEB8_6659_FD93
        return number ^ number >> 29
    }
}
