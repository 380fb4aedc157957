import Synchronization
import Testing

@testable import Scheduling

@Suite(.timeLimit(.minutes(5)))
struct FairQueueTests {
    /// Who entered, in order.
    private final class Arrivals: Sendable {
        private let names = Mutex<[String]>([])

        var all: [String] { names.withLock(\.self) }

        func add(_ name: String) { names.withLock { $0.append(name) } }
    }

    /// How many are inside.
    private final class Census: Sendable {
        private struct State {
            var now = 0
            var most = 0
            var total = 0
        }

        private let state = Mutex(State())

        var now: Int { state.withLock(\.now) }
        var most: Int { state.withLock(\.most) }
        var total: Int { state.withLock(\.total) }

        func enter() {
            state.withLock { state in
                state.now += 1
                state.total += 1
                state.most = max(state.most, state.now)
            }
        }

        func leave() { state.withLock { $0.now -= 1 } }
    }

    /// Lets waiters come in one at a time, each named; the place is given back by the caller.
    private func wait(
        _ queue: FairQueue,
        _ names: [String],
        owner: (String) -> String,
        _ arrivals: Arrivals,
        _ group: inout TaskGroup<Void>,
    ) async {
        for name in names {
            let count = queue.waiterCount
            let owner = owner(name)
            group.addTask {
                guard (try? await queue.enter(owner)) != nil else { return }
                arrivals.add(name)
            }
            while queue.waiterCount == count { await Task.yield() }
        }
    }

    private func arrival(_ count: Int, _ arrivals: Arrivals) async {
        while arrivals.all.count < count { await Task.yield() }
    }

    @Test func letsInAsManyAsThereArePlaces() async throws {
        let queue = FairQueue(places: 3)
        for _ in 0..<3 { try await queue.enter("a") }
        await withTaskGroup(of: Void.self) { group in
            let arrivals = Arrivals()
            await wait(queue, ["fourth"], owner: { _ in "b" }, arrivals, &group)
            #expect(arrivals.all.isEmpty)
            queue.leave("a")
            await group.waitForAll()
            #expect(arrivals.all == ["fourth"])
        }
    }

    @Test(arguments: [1, 2, 5])
    func neverExceedsItsPlaces(places: Int) async {
        let queue = FairQueue(places: places)
        let inside = Census()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<300 {
                let owner = "role \(number % 7)"
                group.addTask {
                    guard (try? await queue.enter(owner)) != nil else { return }
                    inside.enter()
                    for _ in 0..<number % 4 { await Task.yield() }
                    inside.leave()
                    queue.leave(owner)
                }
            }
        }
        #expect(inside.now == 0)
        #expect(inside.total == 300)
        #expect((1...places).contains(inside.most))
        #expect(queue.waiterCount == 0)
    }

    @Test func anOwnerWithManyWaitingDoesNotKeepAnothersOneWaiting() async throws {
        let queue = FairQueue(places: 2)
        for _ in 0..<2 { try await queue.enter("busy") }
        await withTaskGroup(of: Void.self) { group in
            let arrivals = Arrivals()
            let many = (1...50).map { "busy \($0)" }
            await wait(queue, many + ["single"], owner: { String($0.prefix { $0 != " " }) }, arrivals, &group)
            queue.leave("busy")
            await arrival(1, arrivals)
            #expect(arrivals.all == ["single"])
            for count in 2...51 {
                queue.leave(count == 2 ? "single" : "busy")
                await arrival(count, arrivals)
            }
            #expect(Array(arrivals.all.dropFirst()) == many)
        }
    }

    @Test func takesOwnersInTurnsWhenAllHaveManyWaiting() async throws {
        let queue = FairQueue(places: 3)
        for _ in 0..<3 { try await queue.enter("a") }
        await withTaskGroup(of: Void.self) { group in
            let arrivals = Arrivals()
            let waiters = ["a 1", "a 2", "a 3", "b 1", "b 2", "c 1", "c 2"]
            await wait(queue, waiters, owner: { String($0.prefix(1)) }, arrivals, &group)
            for count in 1...3 {
                queue.leave("a")
                await arrival(count, arrivals)
            }
            // One place for each of the three.
            #expect(arrivals.all == ["b 1", "c 1", "a 1"])
            for (count, owner) in zip(4..., ["b", "c", "a", "b"]) {
                queue.leave(owner)
                await arrival(count, arrivals)
            }
            #expect(arrivals.all.count == waiters.count)
        }
    }

    @Test func keepsTheOrderOfArrivalWithinAnOwner() async throws {
        let queue = FairQueue(places: 1)
        try await queue.enter("a")
        await withTaskGroup(of: Void.self) { group in
            let arrivals = Arrivals()
            let names = (1...30).map { "\($0)" }
            await wait(queue, names, owner: { _ in "a" }, arrivals, &group)
            for count in 1...30 {
                queue.leave("a")
                await arrival(count, arrivals)
            }
            #expect(arrivals.all == names)
        }
    }

    @Test func aCancelledWaiterLeavesTheQueueAndTakesNoPlace() async throws {
        let queue = FairQueue(places: 1)
        try await queue.enter("a")
        let waiting = Task { try await queue.enter("b") }
        while queue.waiterCount == 0 { await Task.yield() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        #expect(queue.waiterCount == 0)
        queue.leave("a")
        try await queue.enter("c")
    }

    @Test func aTaskThatWasCancelledBeforeDoesNotEnter() async throws {
        let queue = FairQueue(places: 1)
        let entering = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await queue.enter("a")
        }
        await #expect(throws: CancellationError.self) { try await entering.value }
        try await queue.enter("b")
    }

    @Test func aPlaceIsNotLostWhenCancellationAndAdmissionMeet() async throws {
        let queue = FairQueue(places: 1)
        for _ in 0..<300 {
            try await queue.enter("a")
            let waiting = Task {
                try await queue.enter("b")
                queue.leave("b")
            }
            await Task.yield()
            async let cancelled: Void = waiting.cancel()
            queue.leave("a")
            await cancelled
            _ = await waiting.result
        }
        try await queue.enter("last")
        #expect(queue.waiterCount == 0)
    }

    @Test func placesThatAreGivenBackWithoutWaitersStayFree() async throws {
        let queue = FairQueue(places: 2)
        for _ in 0..<10 {
            try await queue.enter("a")
            try await queue.enter("a")
            queue.leave("a")
            queue.leave("a")
        }
        try await queue.enter("b")
        try await queue.enter("b")
        #expect(queue.waiterCount == 0)
    }
}
