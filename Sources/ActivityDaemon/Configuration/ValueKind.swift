/// How the values of a type are written: what is accepted, in words, and the way there and back.
struct ValueKind<Value: Sendable>: Sendable {
    let accepted: String
    let isList: Bool
    let parse: @Sendable (ConfigurationValue) throws(RefusedValue) -> Value
    let format: @Sendable (Value) -> String
    /// Whether an empty variable stands for none, and not for a variable that is not there.
    var emptyMeansNone = false

    /// The same kind, of which there may be none.
    func orEmptyForNone() -> Self {
        var kind = self
        kind.emptyMeansNone = true
        return kind
    }

    /// A kind that is written as one text; `convert` returns nil for what it refuses.
    static func scalar(
        _ accepted: String,
        format: @escaping @Sendable (Value) -> String,
        convert: @escaping @Sendable (String) -> Value?,
    ) -> Self {
        ValueKind(
            accepted: accepted,
            isList: false,
            parse: { value throws(RefusedValue) in
                guard case .text(let text) = value else { throw RefusedValue.list }
                guard let converted = convert(text) else { throw RefusedValue(text) }
                return converted
            },
            format: format,
        )
    }
}

extension String {
    /// Without the white space at both ends.
    var trimmed: String {
        let start = drop(while: \.isWhitespace)
        return String(
            start.prefix(upTo: start.lastIndex { !$0.isWhitespace }.map(start.index(after:)) ?? start.endIndex)
        )
    }
}
