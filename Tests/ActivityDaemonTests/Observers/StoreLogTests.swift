import Pipeline
import PostgresClient
import RedisClient
import Scheduling
import Testing

@testable import ActivityDaemon

struct StoreLogTests {
    @Test func saysOnceThatAStoreIsLostAndOnceThatItIsBack() {
        let lines = LogLines()
        var log = StoreLog(lines.logger())
        log.record([("postgres", nil), ("redis", nil)])
        #expect(lines.all.isEmpty)
        for _ in 1...3 { log.record([("postgres", "refused"), ("redis", nil)]) }
        #expect(lines.all == ["store lost"])
        for _ in 1...3 { log.record([("postgres", nil), ("redis", nil)]) }
        #expect(lines.all == ["store lost", "store is back"])
    }

    @Test func aServerThatRefusesWhatItIsAskedIsNotLost() {
        let board = HealthBoard()
        board.record(.interrupted(PostgresError(.server, "permission denied"), retryAfter: .zero))
        board.record(.publishFailed(RedisError(code: .server(prefix: "READONLY"), message: "no")))
        #expect(board.storeTroubles.isEmpty)
        board.record(.interrupted(PostgresError(.connectionFailed, "refused"), retryAfter: .zero))
        board.record(.disconnected(lastError: RedisError(code: .connectionFailed, message: "refused")))
        #expect(board.storeTroubles.map(\.store) == ["postgres", "redis"])
        #expect(board.storeTroubles.allSatisfy { $0.trouble != nil })
        board.record(.connected(since: .now))
        #expect(board.storeTroubles.filter { $0.trouble == nil }.map(\.store) == ["redis"])
    }
}
