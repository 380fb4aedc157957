import Testing

@testable import RedisClient

@Suite struct ConnectionGateTests {
    struct Connection: Identifiable, Equatable {
        let id: Int
    }

    typealias Gate = ConnectionGate<Connection>

    static let lost = RedisError(code: .connectionLost, message: "gone")
    static let now = ContinuousClock.now

    @Test func showsItsStates() {
        var gate = Gate()
        #expect(gate.state == .disconnected(lastError: nil))
        gate.start()
        #expect(gate.state == .connecting)
        gate.failed(Self.lost)
        #expect(gate.state == .disconnected(lastError: Self.lost))
        _ = gate.connected(Connection(id: 1), at: Self.now)
        #expect(gate.state == .connected(since: Self.now))
        gate.lost(1, Self.lost)
        #expect(gate.state == .disconnected(lastError: Self.lost))
        _ = gate.stop()
        #expect(gate.state == .disconnected(lastError: nil))
        gate.start()
        #expect(gate.state == .connecting)
    }

    @Test func oldLossIsNoNews() {
        var gate = Gate()
        gate.start()
        _ = gate.connected(Connection(id: 1), at: Self.now)
        gate.lost(1, Self.lost)
        _ = gate.connected(Connection(id: 2), at: Self.now)
        gate.lost(1, Self.lost)
        #expect(gate.state == .connected(since: Self.now))
    }

    @Test func tellsAllWaitersOnceAndForgetsThoseThatGaveUp() {
        var gate = Gate()
        let waiters = (0..<3).map { _ in OneShot<Connection>() }
        let ids = waiters.map { waiter -> Int in
            guard case .wait(let id) = gate.request(waiter) else { return -1 }
            return id
        }
        gate.forget(waiter: ids[1])
        gate.start()
        let told = gate.connected(Connection(id: 1), at: Self.now).waiters
        #expect(told.count == 2)
        #expect(!told.contains { $0 === waiters[1] })
        let next = gate.connected(Connection(id: 2), at: Self.now).waiters
        #expect(next.isEmpty)
        guard case .use(Connection(id: 2)) = gate.request(OneShot()) else { return unexpected("another case") }
    }

    @Test func refusesAfterTheStop() {
        var gate = Gate()
        gate.start()
        _ = gate.request(OneShot())
        let told = gate.stop().waiters
        #expect(told.count == 1)
        guard case .refuse(let error) = gate.request(OneShot()) else { return unexpected("another case") }
        #expect(error.code == .notConnected)
    }

    @Test func absenceNamesTheLastError() {
        var gate = Gate()
        #expect(gate.absence.message.contains("not running"))
        gate.start()
        gate.failed(Self.lost)
        #expect(gate.absence.code == .notConnected)
        #expect(gate.absence.message.contains("gone"))
    }
}
