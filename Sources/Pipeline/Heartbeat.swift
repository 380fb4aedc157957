import Activity

/// The event that tells subscribers each minute that they would hear of alerts.
struct Heartbeat: Sendable {
    /// The CloudEvent without its sequence.
    let json: String

    /// A heartbeat of this moment, with an id of its own.
    init(source: String, at moment: Timestamp) {
        let unique = String(UInt64.random(in: .min ... .max), radix: 36)
        json = """
            {"specversion":"1.0","id":"heartbeat:\(unique)","source":"\(source)","type":"activityd.heartbeat",\
            "time":"\(moment)"}
            """
    }
}
