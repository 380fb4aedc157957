/// Why a text is no schedule.
public struct CronParseError: Error, Sendable, Hashable {
    /// The part of a schedule that was refused.
    public enum Field: String, Sendable, Hashable, CaseIterable {
        /// The whole text.
        case schedule
        /// `N seconds`.
        case interval
        /// The leading field of six.
        case second
        /// 0 to 59.
        case minute
        /// 0 to 23.
        case hour
        /// 1 to 31.
        case dayOfMonth = "day of month"
        /// 1 to 12.
        case month
        /// 0 to 7.
        case dayOfWeek = "day of week"
    }

    /// The part that was refused.
    public let field: Field
    /// The refused text itself, cut after 40 characters.
    public let value: String
    /// What is wrong with the value, such as `60 lies outside 0 to 59`.
    public let reason: String
    /// What would be accepted instead.
    public let accepted: String

    init(_ field: Field, _ value: some Collection<UInt8>, _ reason: String, accepted: String) {
        let text = String(decoding: value.prefix(160), as: UTF8.self)
        self.field = field
        self.value = text.count <= 40 ? text : "\(text.prefix(40))…"
        self.reason = reason
        self.accepted = accepted
    }
}

extension CronParseError: CustomStringConvertible {
    /// One sentence: the field, the value, what is wrong with it, what is accepted.
    public var description: String {
        "\(field.rawValue) \"\(value)\" is refused: \(reason); accepted: \(accepted)"
    }
}
