import Testing

@testable import ActivityDaemon

@Suite struct FileModeTests {
    @Test(arguments: [("0660", 0o660), ("660", 0o660), ("0600", 0o600), ("0777", 0o777), ("0622", 0o622)])
    func reads(_ text: String, _ bits: Int) throws {
        let mode = try #require(FileMode(text))
        #expect(mode.bits == bits)
        #expect(FileMode(mode.description) == mode)
    }

    @Test(arguments: ["", "6", "66", "0060", "0400", "0668", "1660", "00660", "+660", "0o660", "rw-rw----", "-660"])
    func refuses(_ text: String) {
        #expect(FileMode(text) == nil)
    }
}
