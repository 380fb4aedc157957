import Activity
import FoundationEssentials
import NIOCore

/// Makes sign-ins of a request's body: one JSON object, or an array of them, of which all are good or none is taken.
struct AuthEventReader: Sendable {
    /// How many requests may store at the same time.
    static let concurrentBatches = 8

    private static let largestBatch = 1000
    private static let oldest: Int64 = 30 * 86_400_000_000
    private static let furthestAhead: Int64 = 86_400_000_000

    let now: Timestamp

    func events(in body: ByteBuffer?) throws(Problem) -> [AuthEvent] {
        guard let body, body.readableBytes > 0 else { throw .body("is missing") }
        switch try decode(Array(body.readableBytesView)) {
        case .single(let members):
            return [try event(AuthEventMembers(members, index: nil))]
        case .batch(let objects):
            guard (1...Self.largestBatch).contains(objects.count) else {
                throw .body("is an array of \(objects.count) events")
            }
            return try objects.enumerated().map { index, members throws(Problem) in
                try event(AuthEventMembers(members, index: index))
            }
        }
    }

    private func decode(_ bytes: [UInt8]) throws(Problem) -> AuthEventBody {
        do {
            return try JSONDecoder().decode(AuthEventBody.self, from: Data(bytes))
        } catch let DecodingError.typeMismatch(_, context) {
            throw .body(Self.wrongShape(at: context.codingPath))
        } catch let DecodingError.valueNotFound(_, context) {
            throw .body(Self.wrongShape(at: context.codingPath))
        } catch {
            throw .body("is not JSON in UTF-8")
        }
    }

    private static func wrongShape(at path: [any CodingKey]) -> String {
        path.first?.intValue.map { "has something else than an object at \($0)" } ?? "is neither an object nor an array"
    }

    private func event(_ members: AuthEventMembers) throws(Problem) -> AuthEvent {
        var members = members
        let event = AuthEvent(
            clientID: try members.text("id", upTo: 128),
            at: try members.time("time", in: now.microseconds - Self.oldest...now.microseconds + Self.furthestAhead)
                ?? now,
            outcome: try members.outcome("outcome"),
            user: try members.text("user", upTo: 255),
            email: try members.text("email", upTo: 255),
            ip: try members.address("ip"),
            userAgent: try members.cutText("userAgent", to: 1024),
        )
        try members.finish()
        return event
    }
}

/// A body as deep as it is looked into.
private enum AuthEventBody: Decodable {
    case single([String: AuthEventMember])
    case batch([[String: AuthEventMember]])

    init(from decoder: any Decoder) throws {
        if (try? decoder.unkeyedContainer()) != nil {
            self = .batch(try [[String: AuthEventMember]](from: decoder))
        } else {
            self = .single(try [String: AuthEventMember](from: decoder))
        }
    }
}

extension Problem {
    fileprivate static func body(_ refusal: String) -> Problem {
        .badBody(
            "the body \(refusal); accepted: a JSON object such as "
                + #"{"email":"a@example.com","ip":"192.0.2.1","outcome":"failure"}, or an array of 1 to 1000 of them"#
        )
    }
}
