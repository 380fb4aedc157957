/// Builds JSON Schema (2020-12), as OpenAPI 3.1 has it.
enum JSONSchema {
    static let boolean: JSONValue = ["type": "boolean"]
    static let number: JSONValue = ["type": "number"]
    static let count: JSONValue = ["type": "integer", "minimum": 0]
    static let text: JSONValue = ["type": "string"]
    static let time: JSONValue = ["type": "string", "format": "date-time", "pattern": "Z$"]
    static let anything: JSONValue = [:]

    static func constant(_ value: JSONValue) -> JSONValue { ["const": value] }

    static func choice(_ words: [String]) -> JSONValue {
        ["type": "string", "enum": .array(words.map { .string($0) })]
    }

    static func array(of element: JSONValue) -> JSONValue { ["type": "array", "items": element] }

    static func map(of value: JSONValue) -> JSONValue { ["type": "object", "additionalProperties": value] }

    static func nullable(_ schema: JSONValue) -> JSONValue { ["anyOf": [schema, ["type": "null"]]] }

    static func reference(_ name: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(name)")] }

    /// An object with no other members than these.
    ///
    /// - Parameters:
    ///   - members: in the order in which they are written.
    ///   - optional: names of those that may be missing.
    ///   - isOpen: whether there may be others, which nobody has to understand.
    /// - Returns: the schema.
    static func object(
        _ members: KeyValuePairs<String, JSONValue>,
        optional: Set<String> = [],
        isOpen: Bool = false,
    ) -> JSONValue {
        let required = members.map(\.key).filter { !optional.contains($0) }
        var schema: [JSONValue.Member] = [
            JSONValue.Member("type", "object"),
            JSONValue.Member("properties", .object(members.map { JSONValue.Member($0, $1) })),
        ]
        if !required.isEmpty { schema.append(JSONValue.Member("required", .array(required.map { .string($0) }))) }
        if !isOpen { schema.append(JSONValue.Member("additionalProperties", false)) }
        return .object(schema)
    }
}

extension QueryParameter {
    /// As an OpenAPI parameter object.
    var openAPI: JSONValue {
        var members: [JSONValue.Member] = [
            JSONValue.Member("name", .string(name)),
            JSONValue.Member("in", "query"),
            JSONValue.Member("description", .string(summary)),
            JSONValue.Member("schema", schema),
        ]
        if kind == .flag { members.insert(JSONValue.Member("allowEmptyValue", true), at: 3) }
        return .object(members)
    }

    private var schema: JSONValue {
        switch kind {
        case .integer(let range, let `default`):
            var members: [JSONValue.Member] = [
                JSONValue.Member("type", "integer"),
                JSONValue.Member("minimum", .integer(Int64(range.lowerBound))),
                JSONValue.Member("maximum", .integer(Int64(range.upperBound))),
            ]
            if let `default` { members.append(JSONValue.Member("default", .integer(Int64(`default`)))) }
            return .object(members)
        case .name:
            let (least, most) = (Int64(Self.nameLength.lowerBound), Int64(Self.nameLength.upperBound))
            return ["type": "string", "minLength": .integer(least), "maxLength": .integer(most)]
        case .choice(let words, let `default`):
            return [
                "type": "string", "enum": .array(words.map { .string($0) }), "default": .string(`default`),
            ]
        case .flag: return ["type": "string", "enum": .array(Self.flagWords.map { .string($0) }), "default": "0"]
        }
    }
}
