import Foundation
import RedisClient
import Synchronization

/// A subscriber that notes what it hears.
final class AlertListener: Sendable {
    private struct State {
        var isListening = false
        var events: [String] = []
    }

    private let state = Mutex(State())

    var isListening: Bool { state.withLock(\.isListening) }

    /// Everything heard, as text.
    var events: [String] { state.withLock(\.events) }

    /// The numbers of the alerts heard, in order; heartbeats are left out.
    var sequences: [Int] {
        events.compactMap { event in
            let members = Self.members(event)
            guard members["type"] as? String != "activityd.heartbeat" else { return nil }
            return (members["sequence"] as? String).flatMap { Int($0) }
        }
    }

    /// The heartbeats heard.
    var heartbeats: [[String: Any]] {
        events.map(Self.members).filter { $0["type"] as? String == "activityd.heartbeat" }
    }

    static func members(_ event: String) -> [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(event.utf8)) as? [String: Any]) ?? [:]
    }

    func listen(_ redis: RedisClient) async {
        do {
            for try await event in redis.subscribe(to: ["activity:alerts"]) {
                state.withLock { state in
                    switch event {
                    case .subscribed: state.isListening = true
                    case .message(_, let payload): state.events.append(String(decoding: payload, as: UTF8.self))
                    }
                }
            }
        } catch {
            state.withLock { $0.events.append("the subscription ended: \(error)") }
        }
    }
}
