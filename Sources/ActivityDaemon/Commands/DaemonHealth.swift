/// What `activityd top` reads of `/api/health`; members that another version of the daemon lacks are nil.
package struct DaemonHealth: Sendable, Codable {
    /// One part of the daemon, with the details that any of them has.
    package struct Component: Sendable, Codable {
        package var status: String
        package var detail: String?
        package var gaps: Int64?
        package var caughtUp: Bool?
        package var generation: Int64?
        /// RFC 3339, as all times here.
        package var computedAt: String?
        package var dataThrough: String?
        package var facts: Int64?
        package var lastRefresh: Refresh?
        package var lastSequence: Int64?
        package var pending: Int64?
        package var lagSeconds: Double?
    }

    /// The newest refresh; times are seconds.
    package struct Refresh: Sendable, Codable {
        package var documents: Int64
        package var total: Double
    }

    /// The process itself.
    package struct Process: Sendable, Codable {
        package var residentBytes: Int64
        package var uptimeSeconds: Int64
    }

    package var message: String
    package var components: [String: Component]
    package var process: Process
}
