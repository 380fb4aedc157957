import Activity
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// Answers what is asked of alerts, from PostgreSQL and so never on an event loop.
final class AlertAnswers: Sendable {
    /// Lists that may be read, or wait for a connection, at the same time.
    private static let concurrentLists = 8

    private let source: AlertSource
    private let hub: AlertHub
    private let settings: AlertStream.Settings
    private let reading = ConcurrencyLimit(concurrentLists)
    private let streaming: ConcurrencyLimit

    init(_ source: AlertSource, _ hub: AlertHub, _ configuration: EndpointConfiguration) {
        self.source = source
        self.hub = hub
        settings = AlertStream.Settings(replay: configuration.alertReplay)
        streaming = ConcurrencyLimit(configuration.alertStreams)
    }

    /// Reads alerts or events.
    ///
    /// The task is unstructured because a channel handler cannot await.
    func list(
        _ listing: AlertListing,
        at now: Timestamp,
        on loop: any EventLoop,
    ) throws(Problem) -> EventLoopFuture<Reply> {
        guard reading.enter() else { throw .tooManyLists }
        let future = loop.makeFutureWithTask {
            do {
                return try await self.read(listing, at: now)
            } catch {
                throw Problem.alertsUnreadable(error)
            }
        }
        future.whenComplete { _ in self.reading.leave() }
        return future
    }

    /// A stream that begins after a sequence, or with what comes from now on.
    func stream(after position: Int64?) throws(Problem) -> @Sendable (ReplyWriter) async -> Void {
        guard let permit = Permit(streaming) else { throw .tooManyStreams }
        return { [source, hub, settings] writer in
            var stream = AlertStream(source, settings, writer, after: position)
            await stream.run(hub.join())
            withExtendedLifetime(permit) {}
        }
    }

    private func read(_ listing: AlertListing, at now: Timestamp) async throws -> Reply {
        switch listing.subject {
        case .alerts:
            // Read first: whoever goes on from there misses nothing, and at worst hears twice of what is in the list.
            let newest = try await source.newestSequence()
            let alerts = try await source.list(listing.statuses.sorted(), listing.limit + 1)
            let hasMore = alerts.count > listing.limit
            return Self.reply(alerts.prefix(listing.limit), lastSequence: newest, hasMore: hasMore, at: now)
        case .events(let start):
            let events = try await source.events(start, listing.limit + 1)
            let page = events.prefix(listing.limit)
            let wanted = page.lazy.map(\.json).filter { listing.wants($0) }
            let last = if let last = page.last { last.sequence } else { try await end(after: start) }
            return Self.reply(wanted, lastSequence: last, hasMore: events.count > page.count, at: now)
        }
    }

    /// Where a reader is who has heard of everything after a number. Beyond the newest there is nothing: a database
    /// that was restored would give out those numbers again, and the reader would miss them.
    private func end(after start: Int64) async throws -> Int64 {
        min(start, try await source.newestSequence())
    }

    private static func reply(
        _ data: some Sequence<String>,
        lastSequence: Int64,
        hasMore: Bool,
        at now: Timestamp,
    ) -> Reply {
        let data = data.joined(separator: ",")
        let meta: JSONValue = [
            "lastSequence": .integer(lastSequence), "hasMore": .boolean(hasMore), "computedAt": .string("\(now)"),
        ]
        let body = Array(#"{"success":true,"data":[\#(data)],"meta":"#.utf8) + meta.encoded + [UInt8(ascii: "}")]
        return Reply(.ok, "application/json; charset=utf-8", body)
    }
}

extension AlertListing {
    private struct Event: Decodable {
        struct Alert: Decodable {
            let status: String
        }

        let data: Alert
    }

    private static let everything: Set<String> = ["firing", "pending", "resolved"]

    /// Whether an event says of its alert that it is in a state that is wanted.
    fileprivate func wants(_ event: String) -> Bool {
        guard statuses != Self.everything else { return true }
        guard let event = try? JSONDecoder().decode(Event.self, from: Data(event.utf8)) else { return false }
        return statuses.contains(event.data.status)
    }
}

/// One of a limited number; given back when nobody holds it any more.
private final class Permit: Sendable {
    private let limit: ConcurrencyLimit

    init?(_ limit: ConcurrencyLimit) {
        guard limit.enter() else { return nil }
        self.limit = limit
    }

    deinit { limit.leave() }
}

extension Problem {
    fileprivate static let tooManyLists = Problem(
        status: .serviceUnavailable,
        detail: "too many readers are waiting for alerts; try again in a moment",
        retryAfter: 1,
    )

    fileprivate static let tooManyStreams = Problem(
        status: .serviceUnavailable,
        detail: "too many streams of alerts are open; try again later, or ask for /api/activity/alerts?after=",
        retryAfter: 30,
    )

    fileprivate static func alertsUnreadable(_ error: any Error) -> Problem {
        Problem(
            status: .serviceUnavailable,
            detail: "alerts could not be read; the daemon's log says why, everything else is still served",
            retryAfter: 5,
            underlying: error,
        )
    }
}
