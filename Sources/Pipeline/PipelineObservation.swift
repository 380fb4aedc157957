package import Activity

/// What happens in the pipeline, for logs, health and metrics.
package enum PipelineObservation: Sendable {
    /// A batch was committed.
    case fed(Feed.Batch, duration: Duration)
    /// The feed has caught up with the table for the first time since the start.
    case caughtUp(totalRows: Int64)
    /// A batch failed and is tried again.
    case feedFailed(any Error)
    /// A schema was brought to a newer version.
    case migrated(schema: String, version: Int32, name: String)
    /// A generation is being served.
    case refreshed(Refresh)
    /// No generation could be computed; the last one is still served.
    case refreshFailed(any Error)
    /// A generation went to Redis.
    case published(PublishOutcome, duration: Duration)
    /// Redis could not be written; memory is served all the same.
    case publishFailed(any Error)
    /// The server gets on with a long statement; nil when that has ended.
    case progress(ServerProgress?)
    /// A table was vacuumed or analyzed, or an index built or rebuilt.
    case maintained(Upkeep)

    /// Alerts were committed, or detectors switched off.
    case detected(DetectionOutcome)
    /// The daemon's own work was looked at.
    case operationsKnown
    /// Nobody knows how the daemon's own work goes; the next look tries again.
    case operationsUnknown(any Error)
    /// Hours were recounted; the facts of those that drifted were repaired.
    case reconciled(hours: Int, drifted: [Drift])
    /// The replica was read.
    case replicaRead
    /// The primary was read, since the replica could not be.
    case replicaPassedOver(any Error)

    /// Events of alerts went to Redis.
    case relayed(RelayProgress)
    /// No event of an alert waits; the stream ends with this number.
    case relayIdle(lastSequence: Int64)
    /// Events of alerts could not be sent and are tried again; the backlog is nil when it could not be read either.
    case relayFailed(any Error, backlog: AlertBacklog?)
    /// Redis had lost events, and those after this number are put into the stream again.
    case relayRewound(from: Int64, to: Int64)
    /// PostgreSQL knew fewer numbers than had been sent: an older state of it was restored. Numbers go on after these.
    case relayRenumbered(from: Int64, to: Int64)

    /// A computed generation and what it took.
    package struct Refresh: Sendable {
        /// Number and moment.
        package var generation: Generation
        /// The newest row counted.
        package var dataThrough: Timestamp?
        /// Documents rendered ahead.
        package var documents: Int
        /// Facts in memory.
        package var facts: Int
        /// Reading what changed from PostgreSQL.
        package var load: Duration
        /// Computing and rendering.
        package var render: Duration
    }
}
