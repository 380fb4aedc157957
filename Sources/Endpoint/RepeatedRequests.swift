import NIOCore

/// Remembers requests that came more than once together with their answers, for the connections of one event loop.
///
/// A request is remembered by all of its bytes and by whom they came from. Each has one place in the table, so of two
/// that share a place the newer stays; and all are forgotten when the basis of the answers has changed, or when they
/// take too much memory.
///
/// Bound to its event loop, and so without a lock.
final class RepeatedRequests {
    /// Where a request belongs.
    struct Place {
        fileprivate let hash: Int
    }

    private enum Slot {
        case free
        /// A request with this hash came once.
        case seen(Int)
        case known(Int, RepeatedAnswer)
    }

    private static let slotCount = 1024
    /// Bytes, of which most are of bodies that other tables and the cache of answers share.
    private static let costLimit = 32 << 20

    private let longestRequest: Int
    private var slots = [Slot](repeating: .free, count: slotCount)
    private var cost = 0
    private var basis: AnswerBasis?
    private var unflushed: [RepeatedRequestHandler] = []

    /// Remembers nothing yet.
    ///
    /// - Parameter longestRequest: in bytes; those that are longer are not remembered.
    init(longestRequest: Int = 2 << 10) {
        self.longestRequest = longestRequest
    }

    /// The answer to a request, or its place.
    func find(_ request: ByteBuffer, from peer: ClientAddress, on basis: AnswerBasis) -> (RepeatedAnswer?, Place) {
        if basis != self.basis { forgetAll(basis) }
        var hasher = Hasher()
        hasher.combine(peer)
        hasher.combine(request)
        let place = Place(hash: hasher.finalize())
        guard case .known(place.hash, let answer) = slots[index(place)], answer.isTo(request, from: peer) else {
            return (nil, place)
        }
        return (answer, place)
    }

    /// Takes note of a request that is about to be answered.
    ///
    /// - Returns: whether it came before, so that its answer is worth remembering.
    func expect(_ request: ByteBuffer, at place: Place) -> Bool {
        guard request.readableBytes <= longestRequest else { return false }
        if case .seen(place.hash) = slots[index(place)] { return true }
        put(.seen(place.hash), at: place)
        return false
    }

    /// Remembers an answer, unless what it stands on has changed meanwhile.
    func remember(_ answer: RepeatedAnswer, at place: Place, on basis: AnswerBasis) {
        guard basis == self.basis, answer.cost <= Self.costLimit else { return }
        if cost + answer.cost > Self.costLimit { forgetAll(basis) }
        put(.known(place.hash, answer), at: place)
        cost += answer.cost
    }

    /// Has an answer sent once all requests are read that have come to the loop's connections so far: clients that were
    /// woken by the first answer then find the others, too.
    func flush(_ handler: RepeatedRequestHandler, afterOthersOn loop: any EventLoop) {
        unflushed.append(handler)
        guard unflushed.count == 1 else { return }
        loop.assumeIsolated().execute {
            let handlers = self.unflushed
            self.unflushed.removeAll(keepingCapacity: true)
            for handler in handlers { handler.flush() }
        }
    }

    private func put(_ slot: Slot, at place: Place) {
        if case .known(_, let old) = slots[index(place)] { cost -= old.cost }
        slots[index(place)] = slot
    }

    private func index(_ place: Place) -> Int {
        Int(UInt(bitPattern: place.hash) % UInt(Self.slotCount))
    }

    /// Their requests count as seen, so that the next answer is remembered at once.
    private func forgetAll(_ basis: AnswerBasis) {
        for index in slots.indices {
            if case .known(let hash, _) = slots[index] { slots[index] = .seen(hash) }
        }
        cost = 0
        self.basis = basis
    }
}
