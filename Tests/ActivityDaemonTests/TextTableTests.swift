import Testing

@testable import ActivityDaemon

struct TextTableTests {
    @Test func alignsColumns() {
        #expect(TextTable(["A", "BC"], [["one", "x"], ["2", "yz"]]).lines == ["A    BC", "one  x", "2    yz"])
    }

    @Test func obeysNoCell() {
        let table = TextTable([], [["a\u{1B}[2Jb", "\u{1B}]0;x\u{7}"], ["c", "d\ne\u{202E}f"]])
        #expect(table.lines == ["a?[2Jb  ?]0;x?", "c       d?e?f"])
    }
}
