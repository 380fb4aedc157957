/// The description of what readers can ask for in OpenAPI 3.1, made of the tables by which requests are validated.
///
/// Source: <https://spec.openapis.org/oas/v3.1.1.html>.
package enum OpenAPIDocument {
    /// The document.
    package static let json: JSONValue = [
        "openapi": "3.1.0",
        "info": [
            "title": "activityd",
            "version": "1",
            "summary": "Precomputed dashboards and alerts of Directus's activity log.",
            "license": ["name": "MIT", "identifier": "MIT"],
        ],
        "servers": [["url": "/"]],
        "tags": .array(RouteDescription.Topic.allCases.map(\.openAPI)),
        "paths": paths,
        "components": [
            "schemas": schemas,
            "responses": problems,
            "headers": headers,
            "securitySchemes": [
                "token": [
                    "type": "http", "scheme": "bearer", "bearerFormat": "actd_<id>_<secret>",
                    "description": """
                    Made by activityd token create; not needed as long as none is configured. Scopes: read, ingest, and \
                    admin, which allows everything.
                    """,
                ]
            ],
        ],
    ]

    private static var paths: JSONValue {
        .object(
            Route.allCases.filter(Listener.Role.http.serves).map { route in
                JSONValue.Member(route.openAPIPath, .object([JSONValue.Member(route.openAPIMethod, route.operation)]))
            }
        )
    }

    /// The answers that are errors, by status.
    private static var problems: JSONValue {
        .object(
            RouteDescription.Refusal.allCases.map { refusal in
                var members: [JSONValue.Member] = [
                    JSONValue.Member("description", .string(refusal.meaning)),
                    JSONValue.Member(
                        "content",
                        ["application/problem+json": ["schema": JSONSchema.reference("Problem")]],
                    ),
                ]
                let fields = refusal.fields.map { JSONValue.Member($0, header($0)) }
                if !fields.isEmpty { members.insert(JSONValue.Member("headers", .object(fields)), at: 1) }
                return JSONValue.Member(refusal.name, .object(members))
            }
        )
    }

    private static var headers: JSONValue {
        .object(
            documentedFields.map { name, meaning, schema in
                JSONValue.Member(name, ["description": .string(meaning), "schema": schema])
            }
        )
    }

    static func header(_ name: String) -> JSONValue {
        ["$ref": .string("#/components/headers/\(name)")]
    }

    private static let documentedFields: [(name: String, meaning: String, schema: JSONValue)] = [
        ("ETag", "Holds as long as the content does.", JSONSchema.text),
        ("Last-Modified", "When the content was computed.", JSONSchema.text),
        ("Cache-Control", "How long caches may keep it.", JSONSchema.text),
        ("Vary", "What else decides about the bytes.", JSONSchema.text),
        ("Age", "Seconds since the generation was computed.", JSONSchema.count),
        ("X-Activity-Stale", "There when three generations are missing.", JSONSchema.constant("1")),
        ("Retry-After", "Seconds after which it is worth to try again.", JSONSchema.count),
        ("RateLimit-Policy", "How many requests are allowed in how many seconds.", JSONSchema.text),
        ("RateLimit", "How many are left, and after how many seconds it is the full number again.", JSONSchema.text),
        ("WWW-Authenticate", "What kind of token is needed.", JSONSchema.text),
    ]
}

extension OpenAPIDocument {
    /// The document as indented text that ends with a line break.
    package static var text: String {
        String(decoding: JSONLayout.indented.applied(to: json.encoded), as: UTF8.self)
    }
}
