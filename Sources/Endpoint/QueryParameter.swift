import Activity

/// A parameter of a query string: what readers are told of it, and what is accepted, are the same table.
struct QueryParameter: Sendable, Equatable {
    /// What is accepted as a value.
    enum Kind: Sendable, Equatable {
        /// A whole number; the range may be open at its end, which is then `Int.max`.
        case integer(ClosedRange<Int>, default: Int?)
        /// A name of ``QueryParameter/nameLength`` characters.
        case name
        /// One of some words.
        case choice([String], default: String)
        /// On or off.
        case flag
    }

    /// In Unicode scalars, as JSON Schema counts.
    static let nameLength = 1...255

    let name: String
    let kind: Kind
    /// In half a sentence.
    let summary: String

    private init(_ name: String, _ kind: Kind, _ summary: String) {
        self.name = name
        self.kind = kind
        self.summary = summary
    }
}

extension QueryParameter {
    static let days = window("days", 7, upTo: Windows.longestDays)
    static let userDays = window("days", Windows.userDays, upTo: Windows.longestDays)
    static let hours = window("hours", 24, upTo: Windows.longestHours)
    static let alertHours = window("hours", 1, upTo: Windows.longestHours)

    static let collection = QueryParameter("collection", .name, "Counts only what was done in this collection.")
    static let action = QueryParameter("action", .name, "Counts only this action.")
    static let minActivity = QueryParameter(
        "minActivity",
        .integer(1 ... .max, default: 10),
        "Fewest events of an IP.",
    )
    static let threshold = QueryParameter("threshold", .integer(1 ... .max, default: 100), "Fewest events of an IP.")
    static let limit = QueryParameter("limit", .integer(1...1000, default: 50), "Most rows.")

    static let status = QueryParameter(
        "status",
        .choice(["firing", "pending", "resolved", "open", "all"], default: "firing"),
        "Which alerts; open are those that are firing or pending. With after the default is all.",
    )
    static let after = QueryParameter(
        "after",
        .integer(0 ... .max, default: nil),
        "The events of alerts after this sequence, the oldest first, in place of the alerts.",
    )
    static let alertLimit = QueryParameter("limit", .integer(1...1000, default: 100), "Most alerts or events.")
    static let streamAfter = QueryParameter(
        "after",
        .integer(0 ... .max, default: nil),
        "Begins after this sequence; without it with what comes from now on. The field Last-Event-ID wins.",
    )

    static let pretty = QueryParameter("pretty", .flag, "Indents the answer for people.")

    private static func window(_ unit: String, _ length: Int, upTo longest: Int) -> QueryParameter {
        let summary = "Length of the window, which begins on a whole hour and ends now."
        return QueryParameter(unit, .integer(1...longest, default: length), summary)
    }
}
