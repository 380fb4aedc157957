import Testing

@testable import Scheduling

@Suite(.timeLimit(.minutes(5)))
struct AlarmTests {
    private let alarm = Alarm()
    private var farOff: ContinuousClock.Instant { .now + .seconds(3600) }

    @Test func aSignalBeforeTheWaitIsNotLost() async {
        alarm.ring(.queue)
        #expect(await alarm.wait(until: farOff) == [.queue])
    }

    @Test func severalSignalsAreHeardAtOnce() async {
        alarm.ring(.queue)
        alarm.ring(.definitions)
        alarm.ring(.queue)
        alarm.ring(.cancellations)
        #expect(await alarm.wait(until: farOff) == [.definitions, .queue, .cancellations])
    }

    @Test func aSignalIsHeardOnce() async {
        alarm.ring(.queue)
        _ = await alarm.wait(until: farOff)
        #expect(await alarm.wait(until: .now).isEmpty)
    }

    @Test func endsAtTheMomentAndNoEarlier() async {
        let moment = ContinuousClock.now + .milliseconds(20)
        #expect(await alarm.wait(until: moment).isEmpty)
        #expect(ContinuousClock.now >= moment)
    }

    @Test func endsAtOnceWhenTheMomentHasPassed() async {
        #expect(await alarm.wait(until: .now - .seconds(1)).isEmpty)
    }

    @Test func aSignalEndsAWaitThatIsUnderWay() async {
        for _ in 0..<200 {
            async let signals = alarm.wait(until: farOff)
            await Task.yield()
            alarm.ring(.definitions)
            #expect(await signals == [.definitions])
        }
    }

    @Test func losesNoSignalOfManyFromManyTasks() async {
        let rounds = 500
        await withTaskGroup(of: Void.self) { group in
            // Each ring but the last is answered before the next, so that a lost one stops the test.
            let (answers, answer) = AsyncStream.makeStream(of: Void.self)
            group.addTask { [alarm] in
                var iterator = answers.makeAsyncIterator()
                for _ in 0..<rounds {
                    alarm.ring(.queue)
                    await iterator.next()
                }
            }
            for _ in 0..<rounds {
                #expect(await alarm.wait(until: farOff) == [.queue])
                answer.yield()
            }
        }
    }

    @Test func cancellationEndsTheWait() async {
        for yields in 0..<20 {
            let waiting = Task { await alarm.wait(until: farOff) }
            for _ in 0..<yields { await Task.yield() }
            waiting.cancel()
            #expect(await waiting.value.isEmpty)
        }
    }

    @Test func doesNotWaitInATaskThatWasCancelledBefore() async {
        let signals = await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            alarm.ring(.queue)
            return await alarm.wait(until: farOff)
        }.value
        #expect(signals == [.queue])
    }

    @Test func canBeWaitedForAgainAfterCancellation() async {
        let waiting = Task { await alarm.wait(until: farOff) }
        waiting.cancel()
        _ = await waiting.value
        alarm.ring(.cancellations)
        #expect(await alarm.wait(until: farOff) == [.cancellations])
    }
}
