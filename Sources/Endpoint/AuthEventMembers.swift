import Activity

/// A member of a reported sign-in, of which texts are all that is ever of use.
enum AuthEventMember: Decodable, Sendable {
    case text(String)
    case null
    case other

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else {
            self = (try? container.decode(String.self)).map(Self.text) ?? .other
        }
    }
}

/// The members of one reported sign-in, taken one by one by whoever knows them. Null is as good as nothing.
struct AuthEventMembers {
    private let given: [String: AuthEventMember]
    /// Where it stands in its batch; nil when it stands alone.
    private let index: Int?
    private var known: [String] = []

    init(_ given: [String: AuthEventMember], index: Int?) {
        self.given = given
        self.index = index
    }

    /// A text of 1 to so many characters, without control characters.
    mutating func text(_ name: String, upTo limit: Int) throws(Problem) -> String? {
        let accepted = "a text of 1 to \(limit) characters without control characters"
        guard let text = try take(name, accepted) else { return nil }
        let scalars = text.unicodeScalars
        guard (1...limit).contains(scalars.count), !scalars.contains(where: \.isControl) else {
            throw refusal(name, text, accepted)
        }
        return text
    }

    /// An address that must be there, in its canonical spelling: rules compare texts, and no other may escape them.
    mutating func address(_ name: String) throws(Problem) -> String {
        let accepted = "an IPv4 or IPv6 address such as 192.0.2.1 or 2001:db8::1"
        guard let text = try take(name, accepted) else { throw missing(name, accepted) }
        guard let address = IPAddress(text) else { throw refusal(name, text, accepted) }
        return address.description
    }

    /// A text that is cut, with blanks for control characters: an attacker chooses it, and must not choose one for which
    /// the whole event is refused.
    mutating func cutText(_ name: String, to limit: Int) throws(Problem) -> String? {
        guard let text = try take(name, "a text") else { return nil }
        var cut = String.UnicodeScalarView()
        cut.append(contentsOf: text.unicodeScalars.prefix(limit).lazy.map { $0.isControl ? " " : $0 })
        return String(cut)
    }

    mutating func outcome(_ name: String) throws(Problem) -> AuthEvent.Outcome {
        let accepted = AuthEvent.Outcome.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
        guard let text = try take(name, accepted) else { throw missing(name, accepted) }
        guard let outcome = AuthEvent.Outcome(rawValue: text) else { throw refusal(name, text, accepted) }
        return outcome
    }

    /// A time in a range of microseconds since 1970.
    mutating func time(_ name: String, in range: ClosedRange<Int64>) throws(Problem) -> Timestamp? {
        let accepted = "RFC 3339 such as 2026-01-31T23:59:59Z, at most 30 days ago and at most one day ahead"
        guard let text = try take(name, accepted) else { return nil }
        guard let time = Timestamp(rfc3339: text), range.contains(time.microseconds) else {
            throw refusal(name, text, accepted)
        }
        return time
    }

    /// Refuses what nobody took.
    func finish() throws(Problem) {
        guard let unknown = given.keys.filter({ !known.contains($0) }).min() else { return }
        throw problem("member \(Problem.quoted(unknown)) is unknown; accepted: \(known.joined(separator: ", "))")
    }

    private mutating func take(_ name: String, _ accepted: String) throws(Problem) -> String? {
        known.append(name)
        switch given[name] {
        case .text(let text): return text
        case .null, nil: return nil
        case .other: throw problem("member \"\(name)\" is no text; accepted: \(accepted)")
        }
    }

    private func missing(_ name: String, _ accepted: String) -> Problem {
        problem("member \"\(name)\" is missing; accepted: \(accepted)")
    }

    private func refusal(_ name: String, _ text: String, _ accepted: String) -> Problem {
        problem("member \"\(name)\" has the value \(Problem.quoted(text)); accepted: \(accepted)")
    }

    private func problem(_ detail: String) -> Problem {
        let place = index.map { "event \($0): " } ?? ""
        return .badBody(place + detail)
    }
}

extension Unicode.Scalar {
    fileprivate var isControl: Bool { properties.generalCategory == .control }
}
