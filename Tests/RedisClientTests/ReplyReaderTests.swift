import Testing

@testable import RedisClient

@Suite struct ReplyReaderTests {
    /// Feeds pieces and collects the replies.
    static func read(_ pieces: [some Sequence<UInt8>], limits: ReplyReader.Limits = .init()) throws -> [RESPValue] {
        let reader = try ReplyReader(limits: limits)
        var replies: [RESPValue] = []
        for piece in pieces {
            try Array(piece).withUnsafeBytes { bytes in try reader.feed(bytes) }
            while let reply = try reader.next() { replies.append(reply) }
        }
        return replies
    }

    static let conversation =
        "+OK\r\n:-42\r\n$5\r\na\r\nb\0\r\n$-1\r\n*-1\r\n*0\r\n$0\r\n\r\n-ERR no\r\n"
        + "*3\r\n*2\r\n:1\r\n*1\r\n$1\r\nx\r\n$-1\r\n*2\r\n*0\r\n-E\r\n:9223372036854775807\r\n"

    static let replies: [RESPValue] = [
        .status("OK"), .integer(-42), .string(Array("a\r\nb\0".utf8)), .null, .null, .array([]), .string([]),
        .error("ERR no"),
        .array([
            .array([.integer(1), .array([.string([0x78])])]), .null, .array([.array([]), .error("E")]),
        ]),
        .integer(.max),
    ]

    @Test func readsAllTypesAtOnce() throws {
        #expect(try Self.read([Self.conversation.utf8]) == Self.replies)
    }

    @Test func readsByteByByte() throws {
        #expect(try Self.read(Self.conversation.utf8.map { [$0] }) == Self.replies)
    }

    @Test func readsWhateverTheSplit() throws {
        let bytes = Array(Self.conversation.utf8)
        for position in 0...bytes.count {
            #expect(try Self.read([bytes[..<position], bytes[position...]]) == Self.replies, "split at \(position)")
        }
    }

    @Test func readsEightLevelsAndRefusesNine() throws {
        let eight = String(repeating: "*1\r\n", count: 8) + ":1\r\n"
        var value = RESPValue.integer(1)
        for _ in 0..<8 { value = .array([value]) }
        #expect(try Self.read([eight.utf8]) == [value])
        let error = #expect(throws: RedisError.self) { try Self.read([("*1\r\n" + eight).utf8]) }
        #expect(error?.message.contains("nested") == true)
    }

    @Test(arguments: [
        "*2147483647\r\n", "*1000001\r\n", "*99999999999999999999\r\n", "*-2\r\n", "*x\r\n", "*\r\n",
        "$-2\r\n", "$x\r\n", "$\r\n", "$104857600\r\n", "$9223372036854775807\r\n", "$1\r\nabc\r\n",
        "$111111111111111111111111", ":\r\n", ":1x\r\n", ":9223372036854775808\r\n", ":+1\r\n",
        "hello\r\n", "\0", "\r\n", "HTTP/1.1 400 Bad Request\r\n",
        "_\r\n", "#t\r\n", ",1.5\r\n", "(1\r\n", "%1\r\n+a\r\n:1\r\n", "~1\r\n:1\r\n", ">2\r\n+a\r\n+b\r\n",
        "=5\r\ntxt:a\r\n",
        "!3\r\nERR\r\n", "|1\r\n",
        "*2\r\n*2\r\n:1\r\n:2\r\n*3\r\n:1\r\n%", "*2\r\n*600000\r\n:1\r\n*600000\r\n", "*1000000\r\n*1000000\r\n",
    ])
    func refuses(_ text: String) throws {
        let error = #expect(throws: RedisError.self) { try Self.read([text.utf8]) }
        #expect(error?.code == .protocolViolation)
        // Half of them cannot be refused before the end is there, but no split may crash.
        let pieces = text.utf8.map { [$0] }
        let again = #expect(throws: RedisError.self) { try Self.read(pieces) }
        #expect(again?.code == .protocolViolation)
    }

    @Test func staysRefusedAfterAnError() throws {
        let reader = try ReplyReader()
        for _ in 0..<3 {
            #expect(throws: RedisError.self) {
                try Array("?\r\n+OK\r\n".utf8).withUnsafeBytes { try reader.feed($0) }
                _ = try reader.next()
            }
        }
    }

    @Test(arguments: ["+", "-", ":", "*"])
    func boundsALine(type: String) {
        let pieces = [type] + Array(repeating: String(repeating: "1", count: 1_000), count: 100)
        let error = #expect(throws: RedisError.self) { try Self.read(pieces.map { $0.utf8 }) }
        #expect(error?.message.contains("line") == true)
    }

    @Test func boundsAReply() {
        var limits = ReplyReader.Limits()
        limits.replyBytes = 10_000
        let element = "$1000\r\n" + String(repeating: "x", count: 1_000) + "\r\n"
        let pieces = ["*100\r\n"] + Array(repeating: element, count: 20)
        let error = #expect(throws: RedisError.self) { try Self.read(pieces.map { $0.utf8 }, limits: limits) }
        #expect(error?.message.contains("larger") == true)
    }

    @Test func countsEachReplyForItself() throws {
        var limits = ReplyReader.Limits()
        limits.replyBytes = 3_000
        limits.elements = 2
        let reply = "*2\r\n$1000\r\n" + String(repeating: "x", count: 1_000) + "\r\n:1\r\n"
        let bytes = Array(String(repeating: reply, count: 50).utf8)
        let pieces = stride(from: 0, to: bytes.count, by: 700).map { bytes[$0..<min($0 + 700, bytes.count)] }
        #expect(try Self.read(pieces, limits: limits).count == 50)
    }

    @Test func takesAMillionElements() throws {
        let element = Array(repeating: ":1\r\n", count: 1_000).joined()
        let replies = try Self.read((["*1000000\r\n"] + Array(repeating: element, count: 1_000)).map { $0.utf8 })
        #expect(replies.first?.elements?.count == 1_000_000)
    }
}
