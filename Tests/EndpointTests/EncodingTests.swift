import Testing

@testable import Endpoint

@Suite("Encodings")
struct EncodingTests {
    @Test(arguments: [
        ("plain", "plain"), ("", ""), ("%41%5a", "AZ"), ("a+b", "a b"), ("a%2Bb", "a+b"), ("%E6%97%A5", "日"),
        ("日", "日"), ("%00", "\0"),
    ])
    func percentEncodingIsDecoded(_ text: String, expected: String) {
        #expect(PercentEncoding.decode(text[...], plusIsSpace: true) == expected)
    }

    @Test(arguments: ["%", "%4", "%4g", "%g4", "%%41", "%E6%97", "%C0%80", "%ED%A0%80", "%+1", "%-1"])
    func malformedPercentEncodingIsRefused(_ text: String) {
        #expect(PercentEncoding.decode(text[...], plusIsSpace: true) == nil)
    }

    @Test
    func plusStandsForItselfInPaths() {
        #expect(PercentEncoding.decode("a+b", plusIsSpace: false) == "a+b")
    }

    @Test
    func jsonKeepsOrderAndEscapes() {
        let value: JSONValue = [
            "z": [1, -2, 0.5, true, .null, []], "a\"\\\u{1}\n": "é\u{7f}/", "nothing": .number(.nan), "empty": [:],
        ]
        let text = #"{"z":[1,-2,0.5,true,null,[]],"a\"\\\u0001\u000a":"é\#u{7f}/","nothing":null,"empty":{}}"#
        #expect(String(decoding: value.encoded, as: UTF8.self) == text)
    }

    @Test(arguments: [0, 1, 1000, 100_000, 3_000_000])
    func gzipIsTheSameForTheSameBytes(_ count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 / 7) }
        let compressed = try #require(Gzip.compress(bytes))
        #expect(compressed == Gzip.compress(bytes))
        // Magic, deflate, no flags, no time; the size of the original at the end (RFC 1952, section 2.3).
        #expect(Array(compressed.prefix(8)) == [0x1f, 0x8b, 8, 0, 0, 0, 0, 0])
        let size = compressed.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        #expect(size == count)
    }

    @Test
    func requestIdentifiersAreDistinctAndShort() {
        let identifiers = RequestIdentifiers(seed: .max - 500)
        let made = (1...1000).map { _ in identifiers.next() }
        #expect(Set(made).count == 1000)
        #expect(made.allSatisfy { $0.utf8.count == 13 && $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) } })
    }

    @Test(arguments: [
        (0, 0, "0.00%"), (1, 2, "33.33%"), (9447, 553, "94.47%"), (5, 0, "100.00%"), (1, 9_999, "0.01%"),
    ])
    func hitRatesHaveTwoDecimals(_ hits: Int64, misses: Int64, expected: String) {
        #expect(CacheStatistics(hits: hits, misses: misses).hitRate == expected)
    }
}
