import Testing

@testable import Endpoint

@Suite("Malformed requests", .timeLimit(.minutes(1)))
struct MalformedRequestTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let request: String
        let status: Int

        init(_ name: String, _ status: Int, _ request: String) {
            testDescription = name
            self.status = status
            self.request = request
        }
    }

    static let get = "GET /livez HTTP/1.1\r\nHost: test\r\n"
    static let post = "POST /api/cache/warm HTTP/1.1\r\nHost: test\r\n"

    static func fill(_ count: Int) -> String { String(repeating: "a", count: count) }

    static let cases = [
        Case("garbage", 400, "hello\r\n\r\n"),
        Case("TLS", 400, "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\r\n\r\n"),
        Case("no host", 400, "GET /livez HTTP/1.1\r\n\r\n"),
        Case("two hosts", 400, get + "Host: other\r\n\r\n"),
        Case("host with a path", 400, "GET /livez HTTP/1.1\r\nHost: a/b\r\n\r\n"),
        Case("host with a user", 400, "GET /livez HTTP/1.1\r\nHost: a@b\r\n\r\n"),
        Case("hosts in one field", 400, "GET /livez HTTP/1.1\r\nHost: a,b\r\n\r\n"),
        Case("host with a blank", 400, "GET /livez HTTP/1.1\r\nHost: a b\r\n\r\n"),
        Case("host with a port that is no number", 400, "GET /livez HTTP/1.1\r\nHost: a:b\r\n\r\n"),
        Case("host with half an IPv6 address", 400, "GET /livez HTTP/1.1\r\nHost: [::1\r\n\r\n"),
        Case("space in field name", 400, get + "X Y: 1\r\n\r\n"),
        Case("content length that is no number", 400, get + "Content-Length: x\r\n\r\n"),
        Case("two content lengths", 400, post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n"),
        Case("content length and chunks", 400, post + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
        Case("chunks and content length", 400, post + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n"),
        Case("equal content lengths", 400, post + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na"),
        Case("content lengths in one field", 400, post + "Content-Length: 1, 1\r\n\r\na"),
        Case("negative content length", 400, post + "Content-Length: -1\r\n\r\na"),
        Case("content length with a sign", 400, post + "Content-Length: +1\r\n\r\na"),
        Case("content length in hexadecimal", 400, post + "Content-Length: 0x1\r\n\r\na"),
        Case("empty content length", 400, post + "Content-Length:\r\n\r\n"),
        Case(
            "chunks with HTTP/1.0",
            400,
            "POST /api/cache/warm HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ),
        Case("unknown transfer coding", 400, post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
        Case("chunked is not the last coding", 400, post + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"),
        Case("two transfer codings", 400, post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        Case("chunked twice", 400, post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        Case("identity transfer coding", 400, post + "Transfer-Encoding: identity\r\n\r\n"),
        Case("vertical tab before chunked", 400, post + "Transfer-Encoding: \u{b}chunked\r\n\r\n0\r\n\r\n"),
        Case("space before colon", 400, get + "X : y\r\n\r\n"),
        Case("tab before colon", 400, get + "X\t: y\r\n\r\n"),
        Case("folded field", 400, get + "X: y\r\n z\r\n\r\n"),
        Case("folded empty field", 400, get + "X:\r\n z\r\n\r\n"),
        Case("field folded with a tab", 400, get + "X: y\r\n\tzzzzzzzzzzzzzzz\r\n\r\n"),
        Case("folded to nothing", 400, get + "X: y\r\n \r\n\r\n"),
        Case("folded first field", 400, "GET /livez HTTP/1.1\r\n Host: test\r\n\r\n"),
        Case("bare LF after the request line", 400, "GET /livez HTTP/1.1\nHost: test\r\n\r\n"),
        Case("bare LF after a field", 400, get + "X: y\nY: z\r\n\r\n"),
        Case("bare LF at the end", 400, get + "X: y\r\n\n"),
        Case("nothing but LF", 400, "GET /livez HTTP/1.1\nHost: test\n\n"),
        Case("bare CR in a field", 400, get + "X: y\rZ: z\r\n\r\n"),
        Case("null in a field", 400, get + "X: y\u{0}z\r\n\r\n"),
        Case("null in a target", 400, "GET /livez\u{0} HTTP/1.1\r\nHost: test\r\n\r\n"),
        Case("space in a target", 400, "GET /livez x HTTP/1.1\r\nHost: test\r\n\r\n"),
        Case("no field name", 400, get + ": y\r\n\r\n"),
        Case("no colon", 400, get + "X\r\n\r\n"),
        Case("LF in a chunk", 400, post + "Transfer-Encoding: chunked\r\n\r\n1\na\n0\n\n"),
        Case("LF after a chunk", 400, post + "Transfer-Encoding: chunked\r\n\r\n1\r\na\n0\r\n\r\n"),
        Case("chunk longer than it says", 400, post + "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n"),
        Case("chunk size beyond all numbers", 400, post + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n"),
        Case("chunk size with 0x", 400, post + "Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n"),
        Case("space after chunk size", 400, post + "Transfer-Encoding: chunked\r\n\r\n1 \r\na\r\n0\r\n\r\n"),
        Case("LF in a chunk extension", 400, post + "Transfer-Encoding: chunked\r\n\r\n1;x\ny\r\na\r\n0\r\n\r\n"),
        Case(
            "long chunk extension",
            400,
            post + "Transfer-Encoding: chunked\r\n\r\n1;\(fill(200_000))\r\na\r\n0\r\n\r\n",
        ),
        Case("lower-case method", 400, "get /livez HTTP/1.1\r\nHost: test\r\n\r\n"),
        Case("version 0.9", 400, "GET /livez\r\n\r\n"),
        Case("malformed chunk", 400, post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
        Case("version 2.0", 400, "GET /livez HTTP/2.0\r\nHost: test\r\n\r\n"),
        Case("long target", 414, "GET /\(fill(4096)) HTTP/1.1\r\nHost: test\r\n\r\n"),
        Case("target longer than a head", 431, "GET /\(fill(17_000)) HTTP/1.1\r\nHost: test\r\n\r\n"),
        Case("long field", 431, get + "X: \(fill(9000))\r\n\r\n"),
        Case("long field without end", 431, get + "X: \(fill(17_000))"),
        Case("long block", 431, get + (1...5).map { "X\($0): \(fill(4000))\r\n" }.joined() + "\r\n"),
        Case("many fields", 431, get + String(repeating: "X: y\r\n", count: 70) + "\r\n"),
        Case("body announced too large", 413, post + "Content-Length: 1025\r\n\r\n"),
        Case("body beyond all numbers", 400, post + "Content-Length: 99999999999999999999\r\n\r\n"),
        Case("body in too many chunks", 413, post + "Transfer-Encoding: chunked\r\n\r\n800\r\n\(fill(2048))\r\n"),
        Case("body of a reader", 413, get + "Content-Length: 2000\r\n\r\n"),
    ]

    @Test(arguments: cases)
    func areAnsweredWithAProblemAndClosed(_ example: Case) async throws {
        try await TestServer.with { server in
            try await server.connect { connection in
                try await connection.send(example.request)
                let response = try await connection.response()
                #expect(response.status == example.status)
                #expect(response["Content-Type"] == "application/problem+json")
                #expect(response["Connection"] == "close")
                #expect(try response.json["status"] as? Int == example.status)
                #expect(try response.json["requestId"] as? String == response["X-Request-Id"])
                #expect(await connection.isAtEnd())
            }
            #expect(try await server.get("/livez").status == 200)
        }
    }

    @Test(arguments: cases.filter { $0.status != 413 })
    func areAnsweredAfterTheRequestsBefore(_ example: Case) async throws {
        try await TestServer.with { server in
            try await server.connect { connection in
                let slow = "GET /api/activity/ips?days=13 HTTP/1.1\r\nHost: test\r\n\r\n"
                try await connection.send(slow + example.request)
                #expect(try await connection.response().status == 200)
                #expect(try await connection.response().status == example.status)
                #expect(await connection.isAtEnd())
            }
        }
    }

    @Test
    func canBeReadThoughTheClientIsStillSending() async throws {
        try await TestServer.with { server in
            try await server.connect { connection in
                try await connection.send(Self.post + "Content-Length: 900000\r\n\r\n" + Self.fill(600_000))
                #expect(try await connection.response().status == 413)
                #expect(await connection.isAtEnd())
            }
        }
    }

    @Test
    func smallBodiesAreNoneAndIgnored() async throws {
        try await TestServer.with { server in
            try await server.connect { connection in
                try await connection.send(Self.post + "Content-Length: 1024\r\n\r\n" + Self.fill(1024))
                #expect(try await connection.response().status == 200)
                try await connection.send(Self.get + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
                #expect(try await connection.response().status == 200)
            }
        }
    }

    @Test
    func clientsThatAskFirstAreToldToContinue() async throws {
        try await TestServer.with { server in
            try await server.connect { connection in
                try await connection.send(Self.post + "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n")
                #expect(try await connection.response().status == 100)
                try await connection.send("abc")
                #expect(try await connection.response().status == 200)
                try await connection.send(Self.post + "Expect: 100-continue\r\nContent-Length: 3000\r\n\r\n")
                #expect(try await connection.response().status == 413)
            }
        }
    }
}
