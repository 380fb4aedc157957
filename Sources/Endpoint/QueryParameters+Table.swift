/// The parameters of the table, validated by what it says of them.
extension QueryParameters {
    /// A whole number that has a default.
    mutating func number(_ parameter: QueryParameter) throws(Problem) -> Int {
        guard let number = try integer(parameter) else { preconditionFailure("\(parameter.name) has no default") }
        return number
    }

    /// A whole number; nil when it is not given and has no default.
    mutating func integer(_ parameter: QueryParameter) throws(Problem) -> Int? {
        guard case .integer(let range, let `default`) = parameter.kind else {
            preconditionFailure("\(parameter.name) is no number")
        }
        return try integer(parameter.name, default: `default`, in: range)
    }

    /// A name, nil when it is not given.
    mutating func name(_ parameter: QueryParameter) throws(Problem) -> String? {
        precondition(parameter.kind == .name, "\(parameter.name) is no name")
        return try name(parameter.name)
    }

    /// One of some words; nil when it is not given.
    mutating func choice(_ parameter: QueryParameter) throws(Problem) -> String? {
        guard case .choice(let words, _) = parameter.kind else { preconditionFailure("\(parameter.name) is no choice") }
        return try word(parameter.name, among: words)
    }

    /// How a route's answer is to be laid out.
    mutating func layout(for route: Route) throws(Problem) -> JSONLayout {
        guard route.isPrettyPrinted, let word = try word(QueryParameter.pretty.name, among: QueryParameter.flagWords)
        else { return .compact }
        return ["0", "false"].contains(word) ? .compact : .indented
    }
}

extension QueryParameter {
    /// The values of a flag; the empty one is that of `?name`.
    static let flagWords = ["1", "0", "true", "false", ""]
}
