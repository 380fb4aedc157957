import Activity
import NIOCore

/// What is ready to be served of the newest generation, and what is on its way.
///
/// A value without I/O: `AnswerSource` guards it, and works outside of its lock.
struct AnswerCache {
    /// Something of a certain generation.
    struct Versioned<Subject: Hashable & Sendable>: Hashable, Sendable {
        let generation: Int64
        let subject: Subject
    }

    /// Where a document is to be had from.
    enum Place {
        case known(Finding)
        case computing(Flights<Versioned<DocumentKey>, Finding>.Boarding)
    }

    private struct Computed {
        let generation: Int64
        let finding: Finding
    }

    private var generation: Int64?
    /// Those of older generations stay, so that a document computed anew can be told from one that has changed.
    private var computed: BoundedCache<DocumentKey, Computed>
    private var responses: BoundedCache<AnswerKey, EncodedResponse>
    private var computations = Flights<Versioned<DocumentKey>, Finding>()
    private var encodings = Flights<Versioned<AnswerKey>, EncodedResponse>()
    private var counts = CacheStatistics()

    init(maximumCount: Int, maximumBytes: Int) {
        computed = BoundedCache(maximumCount: maximumCount, maximumCost: maximumBytes)
        responses = BoundedCache(maximumCount: maximumCount, maximumCost: maximumBytes)
    }

    /// Moves on to a snapshot; responses whose document did not change are carried over.
    mutating func adopt(_ snapshot: Snapshot) {
        guard snapshot.generation.number != generation else { return }
        generation = snapshot.generation.number
        responses.filter { snapshot.documents[$0.query.document]?.revision == $1.revision }
    }

    /// The response that needs no work at all.
    mutating func response(for query: AnswerKey) -> EncodedResponse? {
        guard let response = responses.value(for: query) else { return nil }
        counts.hits += 1
        return response
    }

    /// Finds a document of a snapshot, joins its computation or starts it.
    mutating func place(of key: DocumentKey, in snapshot: Snapshot, on loop: any EventLoop) -> Place {
        if let finding = known(key, in: snapshot) {
            counts.hits += 1
            return .known(finding)
        }
        counts.misses += 1
        let flight = Versioned(generation: snapshot.generation.number, subject: key)
        return .computing(computations.board(flight, on: loop))
    }

    private mutating func known(_ key: DocumentKey, in snapshot: Snapshot) -> Finding? {
        if let document = snapshot.documents[key] { return .document(document) }
        guard let found = computed.value(for: key), found.generation == snapshot.generation.number else { return nil }
        return found.finding
    }

    /// What was computed last for a key, in whichever generation.
    mutating func lastComputed(_ key: DocumentKey) -> Document? {
        guard case .document(let document) = computed.value(for: key)?.finding else { return nil }
        return document
    }

    /// Ends a computation; `cost` is the bytes of the whole document.
    mutating func computed(_ finding: Finding, for key: Versioned<DocumentKey>, cost: Int) {
        counts.computations += 1
        if key.generation == generation {
            computed.insert(Computed(generation: key.generation, finding: finding), for: key.subject, cost: cost)
        }
        computations.land(key)
    }

    /// Ends a computation that was refused.
    mutating func gaveUpComputing(_ key: Versioned<DocumentKey>) {
        computations.land(key)
    }

    /// Joins the encoding of a response, which may just have ended, or starts it.
    mutating func boardEncoding(
        _ query: Versioned<AnswerKey>,
        on loop: any EventLoop,
    ) -> Flights<Versioned<AnswerKey>, EncodedResponse>.Boarding {
        if query.generation == generation, let response = responses.value(for: query.subject) {
            return .joined(loop.makeSucceededFuture(response))
        }
        return encodings.board(query, on: loop)
    }

    /// Ends an encoding; nil when it was refused.
    mutating func encoded(_ response: EncodedResponse?, for query: Versioned<AnswerKey>) {
        if let response, query.generation == generation {
            responses.insert(response, for: query.subject, cost: response.cost)
        }
        encodings.land(query)
    }

    /// The counts, with the keys of a snapshot.
    func statistics(of snapshot: Snapshot?) -> CacheStatistics {
        var statistics = counts
        statistics.keys = (snapshot?.documents.count ?? 0) + computed.count { $0.generation == generation }
        return statistics
    }
}
