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

    /// The alerts heard, as text and in order.
    var alerts: [String] { state.withLock(\.events).filter { !$0.contains("activityd.heartbeat") } }

    /// The numbers of the alerts heard, in order.
    var sequences: [Int] {
        alerts.compactMap { (Self.members($0)["sequence"] as? String).flatMap { Int($0) } }
    }

    /// The heartbeats heard.
    var heartbeats: [[String: Any]] {
        state.withLock(\.events).map(Self.members).filter { $0["type"] as? String == "activityd.heartbeat" }
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
