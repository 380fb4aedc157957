import TestServers
import Testing

@testable import PostgresClient

@Suite(.timeLimit(.minutes(5))) struct FairSemaphoreTests {
    private static let refusal = PostgresError(.poolClosed, "closed")

    @Test func waitersPassInOrderOfArrival() async throws {
        let semaphore = FairSemaphore(permits: 1, refusal: Self.refusal)
        let order = Record<Int>()
        try await semaphore.acquire()
        try await withThrowingTaskGroup { group in
            for number in 0..<10 {
                group.addTask {
                    try await semaphore.acquire()
                    order.append(number)
                    semaphore.release()
                }
                try await eventually("\(number + 1) wait") { semaphore.waiterCount == number + 1 }
            }
            semaphore.release()
            try await group.waitForAll()
        }
        #expect(order.values == Array(0..<10))
    }

    @Test func cancellationEndsTheWaitAndLosesNoPermit() async throws {
        let semaphore = FairSemaphore(permits: 1, refusal: Self.refusal)
        try await semaphore.acquire()
        let waiter = Task { try await semaphore.acquire() }
        try await eventually("it waits") { semaphore.waiterCount == 1 }
        waiter.cancel()
        let error = try await postgresError { try await waiter.value }
        #expect(error?.code == .cancelled)
        semaphore.release()
        try await semaphore.acquire()
    }

    @Test func aCancelledTaskIsTurnedAwayThoughPermitsAreFree() async throws {
        let semaphore = FairSemaphore(permits: 1, refusal: Self.refusal)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await semaphore.acquire()
        }
        let error = try await postgresError { try await task.value }
        #expect(error?.code == .cancelled)
        try await semaphore.acquire()
    }

    @Test func closingEndsTheWaitAndDrainsWhenAllHaveLeft() async throws {
        let semaphore = FairSemaphore(permits: 2, refusal: Self.refusal)
        try await semaphore.acquire()
        try await semaphore.acquire()
        let waiter = Task { try await semaphore.acquire() }
        try await eventually("it waits") { semaphore.waiterCount == 1 }
        semaphore.close()
        #expect(try await postgresError { try await waiter.value }?.code == .poolClosed)
        async let drained: Void = semaphore.drained()
        semaphore.release()
        semaphore.release()
        await drained
    }
}
