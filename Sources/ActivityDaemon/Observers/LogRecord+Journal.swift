import Logging
package import Systemd

extension LogRecord {
    /// What the names of our own fields begin with.
    private static let prefix = "ACTIVITYD_"

    /// Fields whose names say more than their keys.
    private static let shortNames = ["job.name": "JOB", "alert.occurrence": "ALERT_ID", "store.name": "STORE"]

    /// The fields of an entry of the journal, systemd.journal-fields(7).
    ///
    /// `MESSAGE` is the text line without time and level, which the journal has by itself and in `PRIORITY`. A key such as
    /// `feed.totalRows` becomes `ACTIVITYD_FEED_TOTAL_ROWS`; one whose name the journal would not take is in `MESSAGE` only.
    package var journalFields: [JournalField] {
        let standard: [(String, String?)] = [
            ("MESSAGE", sentence), ("PRIORITY", "\(level.priority)"), ("SYSLOG_IDENTIFIER", label),
            ("MESSAGE_ID", KnownMessage(rawValue: message)?.id),
        ]
        return standard.compactMap { name, value in value.flatMap { JournalField(name, $0) } }
            + fields.compactMap { JournalField(Self.fieldName($0.key), $0.value) }
    }

    /// The name of the field for a key.
    static func fieldName(_ key: String) -> String {
        prefix + (shortNames[key] ?? key.inUpperSnakeCase)
    }
}

extension String {
    /// `feed.totalRows` as `FEED_TOTAL_ROWS`, `http.requestID` as `HTTP_REQUEST_ID`.
    fileprivate var inUpperSnakeCase: String {
        var result = ""
        var mayBreak = false
        for character in self {
            if character == "." {
                result.append("_")
                mayBreak = false
                continue
            }
            if character.isUppercase, mayBreak { result.append("_") }
            mayBreak = !character.isUppercase
            result += character.uppercased()
        }
        return result
    }
}

extension Logger.Level {
    /// As in syslog(3).
    fileprivate var priority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
