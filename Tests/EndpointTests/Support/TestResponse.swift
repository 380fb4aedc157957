import Foundation

/// A response as it came over the wire.
struct TestResponse {
    var version: String
    var status: Int
    var fields: [(name: String, value: String)]
    var body: [UInt8]

    /// The only value of a field; nil when it is missing. Several of the same name never occur.
    subscript(_ name: String) -> String? {
        let values = fields.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
        precondition(values.count <= 1, "field \(name) came \(values.count) times")
        return values.first
    }

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as a JSON object.
    var json: [String: Any] {
        get throws {
            let object = try JSONSerialization.jsonObject(with: Data(body))
            guard let members = object as? [String: Any] else { throw NotAnObject() }
            return members
        }
    }

    struct NotAnObject: Error {}
}
