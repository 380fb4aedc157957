extension OpenAPIDocument {
    /// The shapes of bodies. The members of rows are those that `DocumentRenderer` writes.
    static var schemas: JSONValue {
        .object((commonSchemas + activitySchemas + alertSchemas).map { JSONValue.Member($0, $1) })
    }

    private typealias Schemas = [(name: String, schema: JSONValue)]

    private static var commonSchemas: Schemas {
        [
            (
                "Meta",
                JSONSchema.object([
                    "generation": JSONSchema.count, "computedAt": JSONSchema.time,
                    "dataThrough": JSONSchema.nullable(JSONSchema.time), "from": JSONSchema.time,
                    "to": JSONSchema.time,
                ]),
            ),
            (
                "Problem",
                JSONSchema.object([
                    "type": JSONSchema.text, "title": JSONSchema.text, "status": ["type": "integer"],
                    "detail": JSONSchema.text, "requestId": JSONSchema.text, "success": JSONSchema.constant(false),
                    "error": JSONSchema.text,
                ]),
            ),
            (
                "RequestedRun",
                JSONSchema.object([
                    "success": JSONSchema.constant(true),
                    "run": JSONSchema.object([
                        "id": JSONSchema.count, "job": JSONSchema.text,
                        "status": JSONSchema.choice(["queued", "claimed", "running", "succeeded", "failed", "skipped"]),
                    ]),
                ]),
            ),
            ("Done", JSONSchema.object(["success": JSONSchema.constant(true), "message": JSONSchema.text])),
            (
                "Health",
                JSONSchema.object([
                    "success": JSONSchema.constant(true), "message": JSONSchema.text, "timestamp": JSONSchema.time,
                    "components": JSONSchema.map(of: JSONSchema.reference("Component")),
                    "process": ["type": "object"],
                ]),
            ),
            (
                "Component",
                JSONSchema.object(
                    [
                        "status": JSONSchema.choice(["up", "down", "degraded", "starting"]),
                        "detail": JSONSchema.text,
                    ],
                    optional: ["detail"],
                    isOpen: true,
                ),
            ),
            (
                "CacheStatistics",
                JSONSchema.object([
                    "success": JSONSchema.constant(true),
                    "data": JSONSchema.object([
                        "hits": JSONSchema.count, "misses": JSONSchema.count,
                        "hitRate": ["type": "string", "pattern": "^[0-9]+\\.[0-9]{2}%$"], "keys": JSONSchema.count,
                        "computations": JSONSchema.count,
                    ]),
                    "generation": JSONSchema.nullable(JSONSchema.count),
                    "ages": JSONSchema.object([
                        "generation": JSONSchema.nullable(JSONSchema.count),
                        "data": JSONSchema.nullable(JSONSchema.count),
                    ]),
                ]),
            ),
        ]
    }

    private static var activitySchemas: Schemas {
        let traffic: (String) -> JSONValue = { name in
            JSONSchema.object([
                name: JSONSchema.text, "count": JSONSchema.count, "countDistinct_user": JSONSchema.count,
                "countDistinct_ip": JSONSchema.count,
            ])
        }
        let share: (String) -> JSONValue = { name in
            JSONSchema.array(of: JSONSchema.object([name: JSONSchema.text, "count": JSONSchema.count]))
        }
        return [
            ("CollectionTraffic", traffic("collection")),
            ("ActionTraffic", traffic("action")),
            (
                "Hour",
                JSONSchema.object([
                    "timestamp": JSONSchema.time, "total": JSONSchema.count, "uniqueUsers": JSONSchema.count,
                    "byAction": JSONSchema.map(of: JSONSchema.count),
                ]),
            ),
            (
                "IP",
                JSONSchema.object([
                    "ip": JSONSchema.text, "count": JSONSchema.count, "countDistinct_collection": JSONSchema.count,
                    "countDistinct_user": JSONSchema.count, "countDistinct_action": JSONSchema.count,
                    "riskLevel": JSONSchema.reference("RiskLevel"),
                    "activityScore": ["type": "integer", "minimum": 0, "maximum": 100],
                ]),
            ),
            ("RiskLevel", JSONSchema.choice(["high", "medium", "low"])),
            (
                "User",
                JSONSchema.object([
                    "userId": JSONSchema.text, "count": JSONSchema.count,
                    "countDistinct_collection": JSONSchema.count, "countDistinct_ip": JSONSchema.count,
                    "lastSeen": JSONSchema.nullable(JSONSchema.time),
                ]),
            ),
            (
                "UserActivity",
                JSONSchema.object([
                    "userId": JSONSchema.text, "period": JSONSchema.text,
                    "summary": JSONSchema.object([
                        "count": JSONSchema.count, "countDistinct_collection": JSONSchema.count,
                        "countDistinct_ip": JSONSchema.count,
                    ]),
                    "byCollection": share("collection"), "byAction": share("action"),
                ]),
            ),
            (
                "Dashboard",
                JSONSchema.object([
                    "summary": JSONSchema.object([
                        "totalActivity": JSONSchema.count, "uniqueUsers": JSONSchema.count,
                        "uniqueIPs": JSONSchema.count, "period": JSONSchema.text,
                    ]),
                    "collections": JSONSchema.array(of: JSONSchema.reference("CollectionTraffic")),
                    "actions": JSONSchema.array(of: JSONSchema.reference("ActionTraffic")),
                    "hourly": JSONSchema.array(of: JSONSchema.reference("Hour")),
                    "topIPs": JSONSchema.array(of: JSONSchema.reference("IP")),
                    "topUsers": JSONSchema.array(of: JSONSchema.reference("User")),
                ]),
            ),
            (
                "SuspiciousIP",
                JSONSchema.object([
                    "ip": JSONSchema.text, "count": JSONSchema.count,
                    "riskLevel": JSONSchema.choice(["high", "medium"]),
                    "alertType": JSONSchema.choice([
                        "EXCESSIVE_REQUESTS", "BROAD_ACCESS", "DIVERSE_ACTIONS", "SUSPICIOUS_PATTERN",
                    ]),
                    "timestamp": JSONSchema.nullable(JSONSchema.time),
                ]),
            ),
        ]
    }

    private static var alertSchemas: Schemas {
        [
            ("Alert", alert),
            (
                "AlertEvent",
                JSONSchema.object(
                    [
                        "specversion": JSONSchema.constant("1.0"), "id": JSONSchema.text, "source": JSONSchema.text,
                        "type": JSONSchema.choice([
                            "activityd.alert.firing", "activityd.alert.updated", "activityd.alert.resolved",
                        ]),
                        "subject": JSONSchema.text, "time": JSONSchema.time,
                        "datacontenttype": JSONSchema.constant("application/json"),
                        "data": JSONSchema.reference("Alert"),
                        "sequence": ["type": "string", "pattern": "^[0-9]+$"],
                    ],
                    isOpen: true,
                ),
            ),
            (
                "AlertList",
                JSONSchema.object([
                    "success": JSONSchema.constant(true),
                    "data": JSONSchema.array(
                        of: ["anyOf": [JSONSchema.reference("Alert"), JSONSchema.reference("AlertEvent")]]
                    ),
                    "meta": JSONSchema.object([
                        "lastSequence": lastSequence, "hasMore": JSONSchema.boolean,
                        "computedAt": JSONSchema.time,
                    ]),
                ]),
            ),
            (
                "SignIn",
                JSONSchema.object(
                    [
                        "id": JSONSchema.nullable(text(upTo: 128)), "user": JSONSchema.nullable(text(upTo: 255)),
                        "email": JSONSchema.nullable(text(upTo: 255)),
                        "ip": [
                            "anyOf": [["type": "string", "format": "ipv4"], ["type": "string", "format": "ipv6"]]
                        ],
                        "userAgent": JSONSchema.nullable(JSONSchema.text),
                        "outcome": JSONSchema.choice(["success", "failure"]),
                        "time": JSONSchema.nullable(["type": "string", "format": "date-time"]),
                    ],
                    optional: ["id", "user", "email", "userAgent", "time"],
                ),
            ),
            (
                "StoredSignIns",
                JSONSchema.object([
                    "success": JSONSchema.constant(true), "accepted": JSONSchema.count,
                    "duplicates": JSONSchema.count,
                ]),
            ),
        ]
    }

    private static var alert: JSONValue {
        JSONSchema.object(
            [
                "status": JSONSchema.choice(["pending", "firing", "resolved"]), "alertType": JSONSchema.text,
                "severity": JSONSchema.choice(["info", "low", "medium", "high", "critical"]),
                "fingerprint": JSONSchema.text, "occurrenceId": JSONSchema.text, "startsAt": JSONSchema.time,
                "endsAt": JSONSchema.time,
                "rule": JSONSchema.object(["name": JSONSchema.text, "version": ["type": "integer"]]),
                "labels": JSONSchema.map(of: JSONSchema.text),
                "annotations": JSONSchema.object(["summary": JSONSchema.text, "description": JSONSchema.text]),
                "ip": JSONSchema.text, "userId": JSONSchema.text, "collection": JSONSchema.text,
                "action": JSONSchema.text, "observed": JSONSchema.number, "expected": JSONSchema.number,
                "threshold": JSONSchema.number, "score": JSONSchema.number, "reason": JSONSchema.text,
                "window": JSONSchema.object(["from": JSONSchema.time, "to": JSONSchema.time]),
                "count": JSONSchema.count, "riskLevel": JSONSchema.reference("RiskLevel"),
                "activityScore": JSONSchema.count,
                "evidence": JSONSchema.object(
                    [
                        "activityIds": JSONSchema.array(of: ["type": "integer"]),
                        "authEventIds": JSONSchema.array(of: ["type": "integer"]),
                    ],
                    optional: ["authEventIds"],
                ),
                "suppressedBy": JSONSchema.text, "acknowledgedAt": JSONSchema.time, "acknowledgedBy": JSONSchema.text,
            ],
            optional: [
                "endsAt", "ip", "userId", "collection", "action", "expected", "riskLevel", "activityScore", "evidence",
                "suppressedBy", "acknowledgedAt", "acknowledgedBy",
            ],
            isOpen: true,
        )
    }

    private static let lastSequence: JSONValue = [
        "type": "integer", "minimum": 0,
        "description": """
        The next after to ask for; never beyond the newest event. When it is less than after was, the database was \
        restored to an earlier state: go on from there.
        """,
    ]

    /// Without control characters.
    private static func text(upTo limit: Int64) -> JSONValue {
        [
            "type": "string", "minLength": 1, "maxLength": .integer(limit),
            "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
        ]
    }
}
