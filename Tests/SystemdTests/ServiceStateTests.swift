import Testing

@testable import Systemd

@Suite struct ServiceStateTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let state: ServiceState
        let assignment: String

        init(_ name: String, _ state: ServiceState, _ assignment: String) {
            testDescription = name
            self.state = state
            self.assignment = assignment
        }
    }

    @Test(arguments: [
        Case("ready", .ready, "READY=1"),
        Case("stopping", .stopping, "STOPPING=1"),
        Case("reloading", .reloading(monotonicMicroseconds: 7), "RELOADING=1\nMONOTONIC_USEC=7"),
        Case("watchdog", .watchdog, "WATCHDOG=1"),
        Case("status", .status("redis down, retrying"), "STATUS=redis down, retrying"),
        Case("empty status", .status(""), "STATUS="),
        Case("line feed", .status("a\nREADY=1"), "STATUS=a READY=1"),
        Case("carriage return, tab, null", .status("a\r\nb\tc\0d"), "STATUS=a  b c d"),
        Case("other letters", .status("é 中 👩‍👩‍👧"), "STATUS=é 中 👩‍👩‍👧"),
        Case(
            "long status",
            .status(String(repeating: "x", count: 5_000)),
            "STATUS=" + String(repeating: "x", count: 1_024),
        ),
        Case(
            "cut at a scalar",
            .status(String(repeating: "中", count: 900)),
            "STATUS=" + String(repeating: "中", count: 341),
        ),
        Case("90 seconds", .extendTimeout(.seconds(90)), "EXTEND_TIMEOUT_USEC=90000000"),
        Case("half a second", .extendTimeout(.milliseconds(500)), "EXTEND_TIMEOUT_USEC=500000"),
        Case("nothing", .extendTimeout(.zero), "EXTEND_TIMEOUT_USEC=1"),
        Case("less than nothing", .extendTimeout(.seconds(-5)), "EXTEND_TIMEOUT_USEC=1"),
        Case("for ever", .extendTimeout(.seconds(Int64.max)), "EXTEND_TIMEOUT_USEC=\(Int64.max)"),
    ])
    func isWrittenAsAnAssignment(_ example: Case) {
        #expect(example.state.assignment == example.assignment)
    }

    @Test func knowsTheMonotonicTimeOfAReload() throws {
        let before = try moment(of: .reloadingNow)
        let after = try moment(of: .reloadingNow)
        #expect(before > 0 && after >= before && after - before < 60_000_000)
    }

    private func moment(of state: ServiceState) throws -> UInt64 {
        guard case .reloading(let moment) = state else { throw NotReloading() }
        return moment
    }

    private struct NotReloading: Error {}
}
