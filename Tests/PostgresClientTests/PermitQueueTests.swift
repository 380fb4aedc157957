import Testing

@testable import PostgresClient

@Suite struct PermitQueueTests {
    @Test func servesWaitersInOrderOfArrival() {
        var queue = PermitQueue<Int>(permits: 1)
        #expect(queue.acquire(1) == .granted)
        #expect(queue.acquire(2) == .wait)
        #expect(queue.acquire(3) == .wait)
        #expect(queue.release() == 2)
        #expect(queue.release() == 3)
        #expect(queue.release() == nil)
        #expect(queue.isIdle)
    }

    @Test func aCancelledWaiterIsPassedOver() {
        var queue = PermitQueue<Int>(permits: 1)
        _ = queue.acquire(1)
        _ = queue.acquire(2)
        _ = queue.acquire(3)
        #expect(queue.cancel(2) == true)
        #expect(queue.cancel(2) == false)
        #expect(queue.release() == 3)
    }

    @Test func aNewcomerCannotOvertakeAWaiter() {
        var queue = PermitQueue<Int>(permits: 1)
        _ = queue.acquire(1)
        _ = queue.acquire(2)
        #expect(queue.release() == 2)
        #expect(queue.acquire(3) == .wait)
    }

    @Test func closingTurnsAwayWaitersAndNewcomers() {
        var queue = PermitQueue<Int>(permits: 1)
        _ = queue.acquire(1)
        _ = queue.acquire(2)
        #expect(queue.close() == [2])
        #expect(queue.acquire(3) == .refused)
        #expect(!queue.isIdle)
        #expect(queue.release() == nil)
        #expect(queue.isIdle)
    }
}
