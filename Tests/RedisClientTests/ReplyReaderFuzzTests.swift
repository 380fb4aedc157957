import TestServers
import Testing

@testable import RedisClient

/// Random bytes, the same in every run: no crash, and never another error than a refusal.
@Suite struct ReplyReaderFuzzTests {
    static let words = [
        "*", "$", "+", "-", ":", "\r\n", "\r", "\n", "0", "1", "2", "3", "-1", "12", "2147483647", "OK", "\0",
        "*2\r\n", "$1\r\nx\r\n", ":7\r\n", "+\r\n", "*1\r\n", "$-1\r\n", "*0\r\n", "-ERR\r\n",
    ].map { Array($0.utf8) }

    @Test(arguments: 0..<8)
    func survivesWords(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let count = Int.random(in: 1...40, using: &random)
            let bytes = (0..<count).flatMap { _ in Self.words.randomElement(using: &random) ?? [] }
            try feed(bytes, &random)
        }
    }

    @Test(arguments: 100..<108)
    func survivesChangedConversations(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            var bytes = Array(ReplyReaderTests.conversation.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            try feed(bytes, &random)
        }
    }

    private func feed(_ bytes: [UInt8], _ random: inout SeededGenerator) throws {
        let reader = try ReplyReader()
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(Int.random(in: 1...rest.count, using: &random)))
            rest = rest.dropFirst(piece.count)
            do throws(RedisError) {
                let fed = piece.withUnsafeBytes { bytes in Result { () throws(RedisError) in try reader.feed(bytes) } }
                try fed.get()
                while try reader.next() != nil {}
            } catch {
                #expect(error.code == .protocolViolation)
            }
        }
    }
}
