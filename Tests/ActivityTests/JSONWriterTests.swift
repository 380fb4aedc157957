import Foundation
import Testing

@testable import Activity

struct JSONWriterTests {
    @Test(arguments: [
        "", "plain", #"quote " and \ backslash"#, "\u{0}\u{1}\u{1F}\n\t\u{7F}", "ünïcödé 🦉", "\u{2028}",
        String(repeating: "x", count: 300),
    ])
    func writesTextThatAParserReadsBack(text: String) throws {
        var json = JSONWriter()
        json.append(text)
        #expect(try JSONDecoder().decode(String.self, from: Data(json.bytes)) == text)
    }

    @Test(arguments: [0, 7, -1, 1_000_000, Int64.max, .min] as [Int64])
    func writesIntegers(number: Int64) {
        var json = JSONWriter()
        json.append(number)
        #expect(String(decoding: json.bytes, as: UTF8.self) == "\(number)")
    }
}
