import Glibc
import Testing

@testable import Systemd

struct JournalTests {
    @Test(arguments: ["MESSAGE", "A", "ACTIVITYD_JOB_2", String(repeating: "X", count: 64)])
    func takesTheNamesThatTheJournalTakes(_ name: String) throws {
        let field = try #require(JournalField(name, "a=b\nc"))
        #expect(field.bytes == Array("\(name)=a=b\nc".utf8))
    }

    @Test(arguments: ["", "_PID", "2FAST", "job", "A-B", "A B", "Ä", "A=", String(repeating: "X", count: 65)])
    func refusesOtherNames(_ name: String) {
        #expect(JournalField(name, "x") == nil)
    }

    @Test func tellsItsStreamFromOthers() throws {
        var ends = [CInt](repeating: 0, count: 2)
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        var status = stat()
        try #require(fstat(ends[1], &status) == 0)
        let own = "\(status.st_dev):\(status.st_ino)"
        #expect(Journal.isStream(own, of: ends[1]))
        #expect(!Journal.isStream("\(status.st_dev):\(status.st_ino + 1)", of: ends[1]))
        for stream in ["", ":", "1", "\(own):1", "x:y", "-1:2"] { #expect(!Journal.isStream(stream, of: ends[1])) }
        #expect(!Journal.isStream(own, of: -1))
    }

    @Test func believesTheVariableOnlyWhereItFits() async {
        await #expect(processExitsWith: .success) {
            unsetenv("JOURNAL_STREAM")
            #expect(!Journal.isStandardError)
            var status = stat()
            fstat(STDERR_FILENO, &status)
            setenv("JOURNAL_STREAM", "\(status.st_dev):\(status.st_ino)", 1)
            #expect(Journal.isStandardError)
            setenv("JOURNAL_STREAM", "\(status.st_dev):\(status.st_ino + 1)", 1)
            #expect(!Journal.isStandardError)
        }
    }

    @Test func refusesAnEntryWithoutFields() {
        #expect(Journal.send([]) == EINVAL)
    }
}
