/// What a token allows.
package enum AccessScope: String, Sendable, CaseIterable {
    /// To read activity.
    case read
    /// To report sign-ins.
    case ingest
    /// Everything, and to change what is served.
    case admin
}
