import Activity

/// The member `data` of an alert's event.
struct AlertData: Encodable, Hashable {
    let status: String
    let alertType: String
    let severity: Severity
    let fingerprint: String
    let occurrenceId: String
    let startsAt: String
    let endsAt: String?
    let rule: Finding.Rule
    let labels: [String: String]
    let annotations: Annotations
    let ip: String?
    let userId: String?
    let collection: String?
    let action: String?
    let observed: Double
    let expected: Double?
    let threshold: Double
    let score: Double
    let reason: String
    let window: Window
    let count: Int
    let riskLevel: String?
    let activityScore: Int?
    let evidence: Evidence?

    struct Annotations: Encodable, Hashable {
        let summary: String
        let description: String
    }

    struct Window: Encodable, Hashable {
        let from: String
        let to: String
    }

    struct Evidence: Encodable, Hashable {
        let activityIds: [Int64]
        /// Of reported sign-ins; absent when there are none.
        let authEventIds: [Int64]?

        init(_ ids: [Int64]) {
            activityIds = ids.filter { $0 > 0 }
            let reported = ids.filter { $0 < 0 }
            authEventIds = reported.isEmpty ? nil : reported.map { -$0 }
        }
    }

    init(_ episode: AlertEpisode) {
        let finding = episode.finding
        let subject = finding.subject
        status = episode.status.rawValue
        alertType = finding.alertType
        severity = episode.severity
        fingerprint = episode.fingerprint
        occurrenceId = episode.occurrenceID
        startsAt = episode.startsAt.description
        endsAt = episode.endsAt?.description
        rule = finding.rule
        labels = subject.labels
        annotations = Annotations(
            summary: "\(finding.alertType): \(subject.title)",
            description: "\(finding.reason), between \(finding.window.lowerBound) and \(finding.window.upperBound)",
        )
        ip = subject.ip
        userId = subject.userId
        collection = subject.collection
        action = subject.action
        observed = finding.observed
        expected = finding.expected
        threshold = finding.threshold
        score = finding.score
        reason = finding.reason
        window = Window(from: finding.window.lowerBound.description, to: finding.window.upperBound.description)
        count = finding.count
        riskLevel = finding.risk?.level
        activityScore = finding.risk?.activityScore
        evidence = finding.evidence.isEmpty ? nil : Evidence(finding.evidence)
    }
}
