import Testing

@testable import ActivityDaemon

struct ReadinessTests {
    private let start = ContinuousClock.now

    @Test func waitsUntilBothStoresHaveBeenTried() {
        var readiness = Readiness()
        for seconds in [0, 5, 500] {
            let isReady = readiness.isReady(
                hasTriedStores: false,
                canCompute: true,
                hasDocuments: false,
                at: start + .seconds(seconds),
            )
            #expect(!isReady)
        }
    }

    @Test func isThereWithTheFirstDocuments() {
        var readiness = Readiness()
        let before = readiness.isReady(hasTriedStores: true, canCompute: true, hasDocuments: false, at: start)
        let after = readiness.isReady(hasTriedStores: true, canCompute: true, hasDocuments: true, at: start)
        #expect(!before && after)
    }

    @Test func isNotHeldUpByAStoreThatIsDown() {
        var readiness = Readiness()
        let isReady = readiness.isReady(hasTriedStores: true, canCompute: false, hasDocuments: false, at: start)
        #expect(isReady)
    }

    @Test func isNotHeldUpByALongFirstRun() {
        var readiness = Readiness()
        func isReady(after time: Duration) -> Bool {
            readiness.isReady(hasTriedStores: true, canCompute: true, hasDocuments: false, at: start + time)
        }
        #expect(!isReady(after: .zero))
        #expect(!isReady(after: .milliseconds(4_999)))
        #expect(isReady(after: .seconds(5)))
    }
}
