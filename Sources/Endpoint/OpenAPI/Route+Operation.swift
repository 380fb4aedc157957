import NIOHTTP1

extension Route {
    /// The path with its parameter in braces.
    var openAPIPath: String {
        rawValue.split(separator: "/", omittingEmptySubsequences: false)
            .map { $0.hasPrefix(":") ? "{\($0.dropFirst())}" : String($0) }
            .joined(separator: "/")
    }

    var openAPIMethod: String { method.rawValue.lowercased() }

    /// The OpenAPI operation object.
    var operation: JSONValue {
        var members: [JSONValue.Member] = [
            JSONValue.Member("operationId", .string("\(self)")),
            JSONValue.Member("tags", [.string(about.topic.rawValue)]),
            JSONValue.Member("summary", .string(about.summary)),
        ]
        let parameters = pathParameters + self.parameters.map(\.openAPI) + fieldParameters
        if !parameters.isEmpty { members.append(JSONValue.Member("parameters", .array(parameters))) }
        if takesBody { members.append(JSONValue.Member("requestBody", Self.signIns)) }
        members.append(JSONValue.Member("responses", responses))
        // OpenAPI 3.1 lets any scheme name the roles that it wants. Without tokens everything is open.
        let security: JSONValue = scope.map { [["token": [.string($0.rawValue)]], [:]] } ?? []
        members.append(JSONValue.Member("security", security))
        return .object(members)
    }

    private var pathParameters: [JSONValue] {
        switch self {
        case .user: [Self.userID]
        case .runJob: [Self.jobName]
        default: []
        }
    }

    private static var jobName: JSONValue {
        [
            "name": "name", "in": "path", "required": true,
            "description": "The job's own name, such as precompute or cron:7, or the one that its owner gave it.",
            "schema": ["type": "string", "minLength": 1],
        ]
    }

    private static var userID: JSONValue {
        let hex = "[0-9a-fA-F]"
        let pattern = "^\(hex){8}-\(hex){4}-\(hex){4}-\(hex){4}-\(hex){12}$"
        return [
            "name": "userId", "in": "path", "required": true,
            "description": "The user's UUID.",
            "schema": ["type": "string", "format": "uuid", "pattern": .string(pattern)],
        ]
    }

    private var fieldParameters: [JSONValue] {
        guard self == .alertStream else { return [] }
        return [
            [
                "name": "Last-Event-ID", "in": "header",
                "description": "The id of the last event of this stream that the reader has.",
                "schema": ["type": "integer", "minimum": 0, "maximum": .integer(.max)],
            ]
        ]
    }

    private static let signIns: JSONValue = [
        "required": true,
        "description": "One sign-in or up to 1,000, in at most 65,536 bytes. All are stored or none.",
        "content": [
            "application/json": [
                "schema": [
                    "oneOf": [
                        JSONSchema.reference("SignIn"),
                        [
                            "type": "array", "items": JSONSchema.reference("SignIn"), "minItems": 1,
                            "maxItems": 1000,
                        ],
                    ]
                ]
            ]
        ],
    ]

    private var responses: JSONValue {
        var responses = [goodResponse]
        if case .document = about.answer {
            let unchanged: JSONValue = [
                "description": "The reader has it already.",
                "headers": Self.headers(["ETag", "Cache-Control", "Vary", "Age"]),
            ]
            responses.append(JSONValue.Member("304", unchanged))
        }
        responses += refusals.map { refusal in
            let reference = "#/components/responses/\(refusal.name)"
            return JSONValue.Member(String(refusal.rawValue), ["$ref": .string(reference)])
        }
        return .object(responses)
    }

    private static func headers(_ names: [String]) -> JSONValue {
        .object(names.map { JSONValue.Member($0, OpenAPIDocument.header($0)) })
    }
}

// MARK: - Good answers

extension Route {
    private var goodResponse: JSONValue.Member {
        switch about.answer {
        case .document(let data, let count):
            JSONValue.Member("200", Self.document(data, count: count))
        case .json(let schema, let status):
            JSONValue.Member(String(status), Self.response("application/json", JSONSchema.reference(schema)))
        case .anyJSON:
            JSONValue.Member("200", Self.response("application/json", ["type": "object"]))
        case .text:
            JSONValue.Member("200", Self.response("text/plain", JSONSchema.text))
        case .page:
            JSONValue.Member("200", Self.response("text/html", JSONSchema.text))
        case .events:
            JSONValue.Member("200", Self.events)
        }
    }

    private static func response(_ mediaType: String, _ schema: JSONValue) -> JSONValue {
        .object([
            JSONValue.Member("description", "Good."),
            JSONValue.Member("content", .object([JSONValue.Member(mediaType, ["schema": schema])])),
        ])
    }

    private static func document(_ data: JSONValue, count: Bool) -> JSONValue {
        let success = JSONSchema.constant(true)
        let meta = JSONSchema.reference("Meta")
        let envelope =
            count
            ? JSONSchema.object(["success": success, "data": data, "count": JSONSchema.count, "meta": meta])
            : JSONSchema.object(["success": success, "data": data, "meta": meta])
        return [
            "description": "Good.",
            "headers": headers([
                "ETag", "Last-Modified", "Cache-Control", "Vary", "Age", "X-Activity-Stale", "RateLimit-Policy",
                "RateLimit",
            ]),
            "content": ["application/json": ["schema": envelope]],
        ]
    }

    private static let events: JSONValue = [
        "description": """
        Server-sent events without an end. Events alert: id is the sequence, data a CloudEvent (AlertEvent) in one line. \
        Event resync: those with a sequence above data.after up to data.through were left out; fetch them from \
        /api/activity/alerts. Comments every 15 seconds.
        """,
        "content": ["text/event-stream": ["schema": JSONSchema.text]],
    ]
}

extension Reply {
    /// Made once.
    static let openAPI = Reply.json(OpenAPIDocument.json)
}
