import Activity

/// What a request wants to know, with every parameter validated.
enum Question: Sendable {
    /// Documents made of activity.
    case activity(ActivityQuery)
    /// Alerts, or their events.
    case alerts(AlertListing)
    /// Events of alerts as they happen, after a sequence or from now on.
    case alertStream(after: Int64?)
    /// What the route says by itself.
    case service
}
