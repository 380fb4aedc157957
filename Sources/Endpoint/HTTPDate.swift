import Activity

/// A date as HTTP writes it: IMF-fixdate, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
enum HTTPDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// The second that holds a moment. The calendar is that of `Timestamp.description`.
    static func text(of moment: Timestamp) -> String {
        let parts = moment.wholeSecond.description.split { "-T:Z".contains($0) }
        guard parts.count == 6, let month = Int(parts[1]), months.indices.contains(month - 1) else { return "" }
        let days = Self.days
        let dayNumber = moment.second >= 0 ? moment.second / 86_400 : (moment.second - 86_399) / 86_400
        let day = days[Int((dayNumber % 7 + 7) % 7)]
        return "\(day), \(parts[2]) \(months[month - 1]) \(parts[0]) \(parts[3]):\(parts[4]):\(parts[5]) GMT"
    }

    /// The same date as RFC 3339, which orders by time when it is compared as text; nil when it is no IMF-fixdate.
    ///
    /// The two obsolete forms that RFC 9110 keeps for parsing are not understood, and so never lead to a 304.
    static func rfc3339(_ text: some StringProtocol) -> String? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].utf8.count == 4, parts[0].hasSuffix(","), parts[5] == "GMT" else { return nil }
        guard let month = months.firstIndex(of: String(parts[2])) else { return nil }
        let clock = parts[4].split(separator: ":", omittingEmptySubsequences: false)
        guard clock.count == 3, (clock + [parts[1]]).allSatisfy({ isNumber($0, digits: 2) }) else { return nil }
        guard isNumber(parts[3], digits: 4) else { return nil }
        return "\(parts[3])-\(month < 9 ? "0" : "")\(month + 1)-\(parts[1])T\(parts[4])Z"
    }

    private static func isNumber(_ text: some StringProtocol, digits: Int) -> Bool {
        text.utf8.count == digits && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    }
}
