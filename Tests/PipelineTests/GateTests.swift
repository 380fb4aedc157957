import Pipeline
import Testing

struct GateTests {
    @Test func letsEverybodyThroughOnceItIsOpen() async throws {
        let gate = Gate()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<10 { group.addTask { try await gate.wait() } }
            #expect(gate.open())
            try await group.waitForAll()
        }
        try await gate.wait()
        #expect(!gate.open())
    }

    @Test func endsTheWaitOfACancelledTask() async {
        let gate = Gate()
        let waiter = Task { try await gate.wait() }
        waiter.cancel()
        await #expect(throws: CancellationError.self) { try await waiter.value }
    }
}
