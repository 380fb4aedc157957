package import Activity

/// What the endpoint asks of the rest of the daemon.
package struct EndpointActions: Sendable {
    /// The health of the daemon's parts. Called on an event loop: it must not block.
    package var health: @Sendable () -> HealthReport
    /// Returns once a full new generation is out.
    package var warmCache: @Sendable () async throws -> Void
    /// Deletes what this service has published, then renders it anew.
    package var clearCache: @Sendable () async throws -> Void
    /// Stores all of some sign-ins, or none when it throws.
    package var storeAuthEvents: @Sendable ([AuthEvent]) async throws -> StoredAuthEvents
    /// Where alerts are read.
    package var alerts: AlertSource

    /// Actions from closures.
    package init(
        health: @escaping @Sendable () -> HealthReport,
        warmCache: @escaping @Sendable () async throws -> Void,
        clearCache: @escaping @Sendable () async throws -> Void,
        storeAuthEvents: @escaping @Sendable ([AuthEvent]) async throws -> StoredAuthEvents,
        alerts: AlertSource,
    ) {
        self.health = health
        self.warmCache = warmCache
        self.clearCache = clearCache
        self.storeAuthEvents = storeAuthEvents
        self.alerts = alerts
    }
}
