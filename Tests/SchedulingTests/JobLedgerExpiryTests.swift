import PostgresClient
import TestServers
import Testing

@testable import Scheduling

/// What happens to runs whose daemon is gone.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct JobLedgerExpiryTests {
    private func silent(_ fixture: LedgerFixture, by owner: String = "two") async throws -> [JobLedger.ForeignRun] {
        try await fixture.ledger(owner).sweep().foreignRuns
    }

    @Test func failsARunWithoutFurtherAttempts() async throws {
        try await LedgerFixture.use { fixture in
            let claim = try await fixture.claim(try .idle("* * * * *"))
            let expired = try await fixture.ledger("two").expire(silent(fixture))
            #expect(expired.map(\.job) == ["idle"] && expired.map(\.owner) == ["one"])
            #expect(try await fixture.run(claim.id) == "failed schedule its daemon gave no more signs of life")
            #expect(try await fixture.run(claim.id, "finished_at IS NOT NULL") == "t")
        }
    }

    @Test func queuesARunThatHasAttemptsLeft() async throws {
        try await LedgerFixture.use { fixture in
            let claim = try await fixture.claim(try .idle("* * * * *") { $0.retries = 1 })
            _ = try await fixture.ledger("two").expire(silent(fixture))
            #expect(try await fixture.run(claim.id) == "queued schedule its daemon gave no more signs of life")
            let again = try await fixture.ledger("two").startQueued()
            #expect(again.map(\.id) == [claim.id] && again.map(\.attempt) == [2])
            // The first daemon comes back, and has lost it.
            let late = Completion(claim, .succeeded, at: try await fixture.now())
            #expect(try await fixture.ledger("one").record([late]).isEmpty)
            #expect(try await fixture.ledger("one").renew([ActiveRuns.Sign(claim: claim)]).isEmpty)
            #expect(try await fixture.run(claim.id, "status, owner, attempt") == "claimed two 2")
        }
    }

    @Test func sparesARunThatGaveASignMeanwhile() async throws {
        try await LedgerFixture.use { fixture in
            let claim = try await fixture.claim(try .idle("* * * * *"))
            let stale = try await silent(fixture)
            _ = try await fixture.ledger().renew([ActiveRuns.Sign(claim: claim)])
            #expect(try await fixture.ledger("two").expire(stale).isEmpty)
            #expect(try await fixture.run(claim.id) == "claimed schedule")
        }
    }

    @Test func sparesARunThatBeganAnew() async throws {
        try await LedgerFixture.use { fixture in
            let claim = try await fixture.claim(try .idle("* * * * *") { $0.retries = 1 })
            let stale = try await silent(fixture)
            let failed = Completion(claim, .failed, at: try await fixture.now())
            _ = try await fixture.ledger().record([failed])
            _ = try await fixture.ledger("three").startQueued()
            #expect(try await fixture.ledger("two").expire(stale).isEmpty)
            #expect(try await fixture.run(claim.id, "status, owner") == "claimed three")
        }
    }

    @Test func leavesARunAloneThatHasEnded() async throws {
        try await LedgerFixture.use { fixture in
            let claim = try await fixture.claim(try .idle("* * * * *"))
            let stale = try await silent(fixture)
            let done = Completion(claim, .succeeded, at: try await fixture.now())
            _ = try await fixture.ledger().record([done])
            #expect(try await fixture.ledger("two").expire(stale).isEmpty)
            #expect(try await fixture.run(claim.id) == "succeeded schedule")
        }
    }

    @Test func expiresARunOnceHoweverManyNotice() async throws {
        try await LedgerFixture.use { fixture in
            _ = try await fixture.claim(try .idle("* * * * *") { $0.retries = 5 })
            let stale = try await silent(fixture)
            let expired = try await withThrowingTaskGroup(of: Int.self) { group in
                for daemon in 0..<4 {
                    group.addTask { try await fixture.ledger("daemon \(daemon)").expire(stale).count }
                }
                return try await group.reduce(0, +)
            }
            #expect(expired == 1)
        }
    }

    @Test func endsTheSessionsOfTheDaemonThatIsGone() async throws {
        try await LedgerFixture.use { fixture in
            _ = try await fixture.claim(try .idle("* * * * *"))
            var configuration = fixture.database.configuration
            configuration.applicationName = "activityd job one"
            let session = try await PostgresConnection.connect(configuration)
            configuration.applicationName = "activityd job other"
            let other = try await PostgresConnection.connect(configuration)
            _ = try await fixture.ledger("two").expire(silent(fixture))
            try await eventually("the session was ended") {
                let left = """
                    SELECT count(*) FROM pg_stat_activity
                    WHERE datname = current_database() AND application_name = 'activityd job one'
                    """
                return try await fixture.database.number(left) == 0
            }
            #expect(try await other.query("SELECT 1").value(0, 0, as: Int32.self) == 1)
            await session.close()
            await other.close()
        }
    }

    @Test func sparesTheSessionsOfADaemonThatGaveASign() async throws {
        try await LedgerFixture.use { fixture in
            let claim = try await fixture.claim(try .idle("* * * * *"))
            let stale = try await silent(fixture)
            _ = try await fixture.ledger().renew([ActiveRuns.Sign(claim: claim)])
            var configuration = fixture.database.configuration
            configuration.applicationName = "activityd job one"
            let session = try await PostgresConnection.connect(configuration)
            _ = try await fixture.ledger("two").expire(stale)
            #expect(try await session.query("SELECT 1").value(0, 0, as: Int32.self) == 1)
            await session.close()
        }
    }

    // MARK: What went wrong

    @Test(arguments: [true, false])
    func aRunThatSomebodyWantedEndedIsNotTriedAgain(isDaemonGone: Bool) async throws {
        try await LedgerFixture.use { fixture in
            let claim = try await fixture.claim(try .idle("* * * * *") { $0.retries = 1 })
            _ = try await fixture.database.number("SELECT activity.request_cancel('idle')")
            if isDaemonGone {
                _ = try await fixture.ledger("two").expire(silent(fixture))
            } else {
                let failed = Completion(claim, .failed, reason: "boom", at: try await fixture.now())
                _ = try await fixture.ledger().record([failed])
            }
            let again = try await fixture.ledger("two").startQueued()
            #expect(again.isEmpty)
        }
    }
}
