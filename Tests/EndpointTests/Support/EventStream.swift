import NIOCore
import Testing

/// A stream of server-sent events, read block by block.
struct EventStream {
    /// What stands between two empty lines.
    struct Block: Equatable {
        var id: Int?
        var event: String?
        var data: String?
        var comment: String?
        var retry: Int?

        init(_ text: String) {
            for line in text.split(separator: "\n") {
                let sides = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                let value = sides.count == 2 ? String(sides[1].drop { $0 == " " }) : ""
                switch sides[0] {
                case "id": id = Int(value)
                case "event": event = value
                case "data": data = value
                case "": comment = value
                case "retry": retry = Int(value)
                default: Issue.record("unknown field \(line)")
                }
            }
        }
    }

    private var connection: TestConnection

    /// Asks for the stream and reads its head and greeting.
    static func open(
        _ connection: TestConnection,
        _ query: String = "",
        version: String = "1.1",
        _ fields: String...,
    ) async throws -> (EventStream, TestResponse) {
        var connection = connection
        let lines = ["GET /api/activity/alerts/stream\(query) HTTP/\(version)", "Host: test"] + fields
        try await connection.send(lines.joined(separator: "\r\n") + "\r\n\r\n")
        let response = try await connection.response()
        var stream = EventStream(connection: connection)
        if response.status == 200 {
            let greeting = try await stream.next()
            #expect(greeting.retry == 2000)
        }
        return (stream, response)
    }

    /// The next block.
    mutating func next() async throws -> Block {
        Block(try await connection.text(upTo: "\n\n"))
    }

    /// The ids of the next alerts; whatever else comes is passed over.
    mutating func alerts(_ count: Int) async throws -> [Int] {
        var ids: [Int] = []
        while ids.count < count {
            let block = try await next()
            if block.event == "alert", let id = block.id { ids.append(id) }
        }
        return ids
    }

    /// The next block that is no comment.
    mutating func nextEvent() async throws -> Block {
        while true {
            let block = try await next()
            if block.comment == nil { return block }
        }
    }

    mutating func isAtEnd() async -> Bool {
        await connection.isAtEnd()
    }
}
