import NIOCore
import Testing

@testable import RedisClient

@Suite struct CommandQueueTests {
    static func batch(_ commands: Int, due: Int64 = 10) -> CommandQueue.Batch {
        CommandQueue.Batch(
            commands: commands,
            deadline: .uptimeNanoseconds(UInt64(due)),
            completion: OneShot<BatchOutcome>(),
        )
    }

    static let lost = RedisError(code: .connectionLost, message: "gone")

    @Test func matchesRepliesInOrder() {
        var queue = CommandQueue()
        let first = Self.batch(2)
        let second = Self.batch(1)
        _ = queue.submit(first)
        _ = queue.submit(second)
        guard case .none = queue.receive(.integer(1)) else { return unexpected("too early") }
        guard case .complete(first.completion, [.integer(1), .integer(2)]) = queue.receive(.integer(2)) else {
            return unexpected("first batch")
        }
        guard case .complete(second.completion, [.null]) = queue.receive(.null) else {
            return unexpected("second batch")
        }
    }

    @Test func closesOnAReplyThatNobodyAskedFor() {
        var queue = CommandQueue()
        guard case .close(let error) = queue.receive(.status("hello")) else { return unexpected("another case") }
        #expect(error.code == .protocolViolation)
        guard case .close(let farewell) = queue.receive(.error("ERR max number of clients reached")) else {
            return unexpected("another case")
        }
        #expect(farewell.code == .connectionLost)
        #expect(farewell.message.contains("max number of clients"))
    }

    @Test func hasOneTimerForTheOldest() {
        var queue = CommandQueue()
        guard case .write(timer: .some(.uptimeNanoseconds(10))) = queue.submit(Self.batch(1, due: 10)) else {
            return unexpected("first")
        }
        guard case .write(timer: nil) = queue.submit(Self.batch(1, due: 20)) else {
            return unexpected("second")
        }
        _ = queue.receive(.null)
        guard case .setTimer(.uptimeNanoseconds(20)) = queue.timerFired(now: .uptimeNanoseconds(10)) else {
            return unexpected("set again")
        }
        guard case .close = queue.timerFired(now: .uptimeNanoseconds(20)) else { return unexpected("due") }
    }

    /// The greeting may take longer than a command; its timer once was the only one until it went off.
    @Test func aLongerTimerDoesNotDelayAShorterDeadline() {
        var queue = CommandQueue()
        _ = queue.submit(Self.batch(1, due: 30))
        _ = queue.receive(.status("OK"))
        guard case .write(timer: .some(.uptimeNanoseconds(10))) = queue.submit(Self.batch(1, due: 10)) else {
            return unexpected("the timer of the greeting was kept")
        }
        guard case .close = queue.timerFired(now: .uptimeNanoseconds(10)) else { return unexpected("due") }
    }

    @Test func hasNoTimerWhenIdle() {
        var queue = CommandQueue()
        _ = queue.submit(Self.batch(1, due: 10))
        _ = queue.receive(.null)
        guard case .none = queue.timerFired(now: .uptimeNanoseconds(10)) else { return unexpected("another case") }
        guard case .write(timer: .some) = queue.submit(Self.batch(1, due: 30)) else {
            return unexpected("another case")
        }
    }

    @Test func givesUpWhatIsInFlightOnceAndRejectsTheRest() {
        var queue = CommandQueue()
        _ = queue.submit(Self.batch(2))
        _ = queue.submit(Self.batch(1))
        _ = queue.receive(.integer(1))
        let lost = queue.close(Self.lost)
        #expect(lost.map(\.replies) == [[.integer(1)], []])
        #expect(queue.close(.cancelled).isEmpty)
        #expect(queue.closeReason == Self.lost)
        guard case .reject(_, Self.lost) = queue.submit(Self.batch(1)) else { return unexpected("another case") }
        guard case .none = queue.receive(.null) else { return unexpected("after the end") }
    }
}

extension OneShot {
    /// One-shots are equal only to themselves; lets patterns compare them.
    static func ~= (pattern: OneShot, value: OneShot) -> Bool { pattern === value }
}
