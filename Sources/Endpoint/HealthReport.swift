package import Activity

/// How the daemon and its parts are, as `/api/health` tells it.
package struct HealthReport: Sendable, Equatable {
    /// The state of one part.
    package enum Status: String, Sendable {
        case up, down, degraded, starting
    }

    /// One part of the daemon.
    package struct Component: Sendable, Equatable {
        /// The name of the member in `components`.
        package var name: String
        package var status: Status
        /// What is wrong, in words for readers without a token: nothing of the inside, such as hosts, roles, statements.
        package var detail: String?
        /// Further members, which follow `status` and `detail`.
        package var details: [JSONValue.Member]

        package init(_ name: String, _ status: Status, detail: String? = nil, details: [JSONValue.Member] = []) {
            self.name = name
            self.status = status
            self.detail = detail
            self.details = details
        }
    }

    /// The whole in one sentence.
    package var message: String
    /// The parts in the order in which they are shown.
    package var components: [Component]
    /// What is known of the process itself.
    package var process: [JSONValue.Member]

    package init(message: String, components: [Component] = [], process: [JSONValue.Member] = []) {
        self.message = message
        self.components = components
        self.process = process
    }

    /// The body of the answer. `success` says that there is one; the components say how they are.
    package func json(at moment: Timestamp) -> JSONValue {
        [
            "success": true,
            "message": .string(message),
            "timestamp": .string(moment.description),
            "components": .object(components.map { JSONValue.Member($0.name, $0.json) }),
            "process": .object(process),
        ]
    }
}

extension HealthReport.Component {
    fileprivate var json: JSONValue {
        let detail = detail.map { [JSONValue.Member("detail", .string($0))] } ?? []
        return .object([JSONValue.Member("status", .string(status.rawValue))] + detail + details)
    }
}
