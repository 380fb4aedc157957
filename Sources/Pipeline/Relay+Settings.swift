package import Activity
package import PostgresClient

extension Relay {
    /// How events are relayed.
    package struct Settings: Sendable {
        /// Put before the names of the stream and of the channel.
        package var prefix: String
        /// The `source` of heartbeats.
        package var source: String
        /// Nothing is relayed before this gate opens: the tables may not be there.
        package var begins: Gate
        /// The time that heartbeats carry.
        package var now: @Sendable () -> Timestamp
        /// How many events the stream holds; a few more, as whole nodes are trimmed.
        package var streamLength: Int64
        /// How often subscribers hear that they would hear of alerts.
        package var heartbeat: Duration
        /// Events that are sent, and kept in memory, at a time.
        package var chunk = 500
        /// How often to look for what other daemons wrote.
        package var poll = Duration.seconds(1)
        /// The pauses after failures. Commands wait for a lost connection themselves.
        package var backoff = Backoff(base: .milliseconds(100), limit: .seconds(5))

        /// Settings from their parts.
        package init(
            prefix: String,
            source: String,
            streamLength: Int64 = 100_000,
            heartbeat: Duration = .seconds(60),
            begins: Gate,
            now: @escaping @Sendable () -> Timestamp,
        ) {
            self.prefix = prefix
            self.source = source
            self.streamLength = streamLength
            self.heartbeat = heartbeat
            self.begins = begins
            self.now = now
        }
    }
}

extension Relay {
    /// The `source` of all events of an installation, a URI reference (CloudEvents 1.0): `/activityd/activity`.
    package static func source(schema: String) -> String {
        let unreserved = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        let digits = Array("0123456789ABCDEF")
        return schema.utf8.reduce(into: "/activityd/") { source, byte in
            if unreserved.contains(byte) {
                source.append(Character(UnicodeScalar(byte)))
            } else {
                source += ["%", digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
    }
}
