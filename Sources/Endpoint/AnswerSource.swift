package import Activity
import NIOCore
import Synchronization

/// Computes a document that was not rendered ahead; nil when it does not exist.
package typealias DocumentComputation = @Sendable (Snapshot, DocumentKey) -> Document?

/// Answers queries from the newest snapshot.
///
/// What was asked for before is one look-up. Otherwise the document is taken from the snapshot or computed from it,
/// once for all who wait, and never on an event loop; then its rows are cut and compressed.
final class AnswerSource: Sendable {
    struct Answer: Sendable {
        /// Nil when the query is for a user of whom nothing is known.
        let response: EncodedResponse?
        let computedAt: Timestamp
        let cache: RequestObservation.CacheOutcome
    }

    private enum LookUp {
        case ready(EncodedResponse, Timestamp)
        case missing(Snapshot)
    }

    /// Bodies beyond this size are compressed on a thread of their own.
    private static let inlineSize = 64 << 10

    private let snapshots: SnapshotStore
    private let compute: DocumentComputation
    private let cache: Mutex<AnswerCache>
    private let repetitionCount = Atomic<Int64>(0)
    private let computing: WorkQueue
    private let encoding: WorkQueue

    init(_ configuration: EndpointConfiguration, _ snapshots: SnapshotStore, compute: @escaping DocumentComputation) {
        self.snapshots = snapshots
        self.compute = compute
        let (count, bytes) = (configuration.keptDocuments, configuration.keptBytes)
        cache = Mutex(AnswerCache(maximumCount: count, maximumBytes: bytes))
        computing = WorkQueue(concurrency: configuration.computations, waiting: configuration.waitingComputations)
        encoding = WorkQueue(concurrency: 1, waiting: configuration.keptDocuments)
    }

    /// Answers a query. Fails with `Problem` when there is no snapshot yet or too much waits to be computed.
    func answer(to query: AnswerKey, on loop: any EventLoop) -> EventLoopFuture<Answer> {
        switch lookUp(query) {
        case .ready(let response, let computedAt):
            return loop.makeSucceededFuture(Answer(response: response, computedAt: computedAt, cache: .hit))
        case .missing(let snapshot):
            return load(query, from: snapshot, on: loop)
        case nil:
            return loop.makeFailedFuture(Problem.noSnapshot)
        }
    }

    /// Hits and misses since the start, and what is ready now.
    var statistics: CacheStatistics {
        let snapshot = snapshots.current
        var statistics = cache.withLock { $0.statistics(of: snapshot) }
        statistics.hits += repetitions
        return statistics
    }

    /// Hits that were answered without coming here.
    var repetitions: Int64 { repetitionCount.load(ordering: .relaxed) }

    /// Counts a hit that was answered without coming here.
    func countRepetition() {
        repetitionCount.wrappingAdd(1, ordering: .relaxed)
    }

    /// Ends the threads; whoever waits for them is refused.
    func shutDown() async {
        await computing.shutDown()
        await encoding.shutDown()
    }

    /// The snapshot is read under the lock, so that no reader ever goes back to an older one. The store's own lock
    /// guards nothing but a copy.
    private func lookUp(_ query: AnswerKey) -> LookUp? {
        cache.withLock { cache in
            guard let snapshot = snapshots.current else { return nil }
            cache.adopt(snapshot)
            let response = cache.response(for: query)
            return response.map { .ready($0, snapshot.generation.computedAt) } ?? .missing(snapshot)
        }
    }

    private func load(
        _ query: AnswerKey,
        from snapshot: Snapshot,
        on loop: any EventLoop,
    ) -> EventLoopFuture<Answer> {
        let (finding, outcome) = find(query.query.document, in: snapshot, on: loop)
        let generation = snapshot.generation
        return finding.flatMap { finding in
            guard case .document(let document) = finding else { return loop.makeSucceededFuture(nil) }
            return self.encode(document, query, generation.number, on: loop).map { $0 }
        }.map { Answer(response: $0, computedAt: generation.computedAt, cache: outcome) }
    }
}

// MARK: - Documents

extension AnswerSource {
    private func find(
        _ key: DocumentKey,
        in snapshot: Snapshot,
        on loop: any EventLoop,
    ) -> (EventLoopFuture<Finding>, RequestObservation.CacheOutcome) {
        switch cache.withLock({ $0.place(of: key, in: snapshot, on: loop) }) {
        case .known(let finding):
            return (loop.makeSucceededFuture(finding), .hit)
        case .computing(.joined(let future)):
            return (future.hop(to: loop), .miss)
        case .computing(.started(let promise)):
            compute(key, of: snapshot, promise)
            return (promise.futureResult, .miss)
        }
    }

    private func compute(_ key: DocumentKey, of snapshot: Snapshot, _ promise: EventLoopPromise<Finding>) {
        let flight = AnswerCache.Versioned(generation: snapshot.generation.number, subject: key)
        computing.submit {
            let last = self.cache.withLock { $0.lastComputed(key) }
            let document = self.compute(snapshot, key)?.unlessUnchanged(since: last, key)
            let cost = document?.body().count ?? 0
            self.cache.withLock { $0.computed(Finding(document), for: flight, cost: cost) }
            return Finding(document)
        } completion: { finding in
            guard let finding else {
                self.cache.withLock { $0.gaveUpComputing(flight) }
                return promise.fail(Problem.overloaded)
            }
            promise.succeed(finding)
        }
    }
}

// MARK: - Encodings

extension AnswerSource {
    private func encode(
        _ document: Document,
        _ query: AnswerKey,
        _ generation: Int64,
        on loop: any EventLoop,
    ) -> EventLoopFuture<EncodedResponse> {
        let flight = AnswerCache.Versioned(generation: generation, subject: query)
        switch cache.withLock({ $0.boardEncoding(flight, on: loop) }) {
        case .joined(let future):
            return future.hop(to: loop)
        case .started(let promise):
            encode(document, flight, promise)
            return promise.futureResult
        }
    }

    /// Cutting out the rows is a copy; compressing them takes a hundred times as long.
    private func encode(
        _ document: Document,
        _ flight: AnswerCache.Versioned<AnswerKey>,
        _ promise: EventLoopPromise<EncodedResponse>,
    ) {
        let layout = flight.subject.layout
        let body = document.body(flight.subject.query.selection)
        guard body.count > Self.inlineSize else {
            return finish(EncodedResponse(body, of: document, layout), flight, promise)
        }
        encoding.submit {
            EncodedResponse(body, of: document, layout)
        } completion: { response in
            self.finish(response, flight, promise)
        }
    }

    private func finish(
        _ response: EncodedResponse?,
        _ flight: AnswerCache.Versioned<AnswerKey>,
        _ promise: EventLoopPromise<EncodedResponse>,
    ) {
        cache.withLock { $0.encoded(response, for: flight) }
        promise.completeWith(response.map(Result.success) ?? .failure(Problem.overloaded))
    }
}
