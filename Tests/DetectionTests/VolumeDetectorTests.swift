import Activity
import Detection
import Testing

struct VolumeDetectorTests {
    @Test func findsAFloodAndSaysHowUnusualItIs() throws {
        var detector = VolumeDetector(VolumeSettings())
        detector.learn(history(buckets: 3_000))
        let findings = try (0..<412).reduce(into: [Finding]()) { findings, index in
            try detector.absorb(event("delete", bucket: 3_000, second: index % 300))
            if index == 411 { findings += try detector.advance(to: time(3_001, 30)) }
        }
        #expect(findings.map(\.subject.action) == [nil])
        let total = try #require(findings.first)
        #expect(total.rule == Finding.Rule(name: "volume", version: 1))
        #expect(total.alertType == "VOLUME_ANOMALY")
        #expect(total.window == time(3_000)...time(3_001))
        #expect(total.at == time(3_001))
        #expect(total.observed == 412 && total.count == 412)
        #expect(
            total.reason.hasPrefix(
                "412 events within 5 minutes; values like 412: 0 of 3,000 past buckets; averages "
            )
        )
        #expect(total.isAboveThreshold && total.score >= total.threshold && total.threshold == 0)
        #expect(total.severity == .high)
        #expect(try #require(total.expected) > 3 && #require(total.expected) < 7)
    }

    @Test func tellsActionsApart() throws {
        var detector = VolumeDetector(VolumeSettings())
        // As many events as ever, but of the other action.
        detector.learn(history(buckets: 3_000, actions: ["create": 200, "login": 9]))
        for index in 0..<150 { try detector.absorb(event("login", bucket: 3_000, second: index)) }
        let findings = try detector.advance(to: time(3_001, 30))
        #expect(findings.map(\.subject.action) == ["login"])
        #expect(
            findings.first?.reason.hasPrefix("150 × login within 5 minutes; values like 150: 0 of 3,000 past") == true
        )
    }

    @Test func findsThatNothingHappensAnyMore() throws {
        var detector = VolumeDetector(VolumeSettings())
        detector.learn(history(buckets: 3_000, actions: ["create": 200], atLeast: 100))
        let findings = try detector.advance(to: time(3_100))
        #expect(findings.first?.observed == 0)
        #expect(findings.first?.window.lowerBound == time(3_000))
    }

    @Test func saysNothingOfAHandfulOfEvents() throws {
        for (events, isTold) in [(19, false), (20, true)] {
            var detector = VolumeDetector(VolumeSettings())
            detector.learn(history(buckets: 3_000, actions: ["revert": 1]))
            for index in 0..<events { try detector.absorb(event("revert", bucket: 3_000, second: index)) }
            let findings = try detector.advance(to: time(3_001, 30))
            #expect(!findings.isEmpty == isTold)
        }
    }

    @Test func keepsOneEpisodeOpenAndThenLetsItEnd() throws {
        var detector = VolumeDetector(VolumeSettings())
        detector.learn(history(buckets: 3_000))
        for bucket in 3_000..<3_010 {
            for index in 0..<(300 + bucket * 7 % 100) {
                try detector.absorb(event("create", bucket: bucket, second: index % 300))
            }
        }
        let findings = try detector.advance(to: time(3_011)).filter { $0.subject.action == nil }
        #expect(findings.map(\.isAboveThreshold) == [true] + Array(repeating: false, count: 9))
        #expect(findings.map(\.at) == findings.map(\.at).sorted())
    }

    @Test func warmsUpWithoutAHistory() throws {
        var detector = VolumeDetector(VolumeSettings())
        #expect(detector.nextClose == nil)
        try detector.absorb(event("create", bucket: 0))
        #expect(detector.nextClose == time(1, 30))
        for index in 0..<5_000 { try detector.absorb(event("create", bucket: 748, second: index % 300)) }
        #expect(try detector.advance(to: time(749, 30)).isEmpty)
        for index in 0..<50_000 { try detector.absorb(event("create", bucket: 900, second: index % 300)) }
        #expect(try detector.advance(to: time(902)).contains { $0.observed == 50_000 })
    }

    @Test func waitsForLateEventsAndNoLonger() throws {
        var detector = VolumeDetector(VolumeSettings())
        detector.learn(history(buckets: 3_000))
        #expect(detector.nextClose == time(3_001, 30))
        #expect(try detector.advance(to: time(3_001, 29)).isEmpty)
        #expect(detector.nextClose == time(3_001, 30))
        for index in 0..<200 { try detector.absorb(event("create", bucket: 3_000, second: index)) }
        #expect(try detector.advance(to: time(3_001, 30)).first?.observed == 200)
        for index in 0..<200 { try detector.absorb(event("create", bucket: 3_000, second: index)) }
        _ = detector.takeChanges()
        #expect(try detector.advance(to: time(3_001, 31)).isEmpty)
        #expect(detector.takeChanges().isEmpty)
    }

    @Test func aClockThatGoesBackwardsChangesNothing() throws {
        var detector = VolumeDetector(VolumeSettings())
        detector.learn(history(buckets: 100))
        _ = try detector.advance(to: time(200))
        _ = detector.takeChanges()
        for bucket in [199, 50, -1_000] { #expect(try detector.advance(to: time(bucket)).isEmpty) }
        #expect(detector.nextClose == time(200, 30))
        #expect(detector.takeChanges().isEmpty)
    }

    @Test func closesTheBucketsOfALongAbsenceAtOnce() throws {
        var detector = VolumeDetector(VolumeSettings())
        let actions = Dictionary(uniqueKeysWithValues: (0..<64).map { ("action \($0)", 9) })
        detector.learn(history(buckets: 800, actions: actions))
        let duration = try ContinuousClock().measure { _ = try detector.advance(to: time(800 + 10 * 288)) }
        #expect(detector.nextClose == time(800 + 10 * 288, 30))
        // 187,200 values; in a debug build, on a busy machine.
        #expect(duration < .seconds(10))
    }

    @Test(arguments: [Int64.min, -1 << 60, 0, 1 << 50, 1 << 60, .max])
    func aMomentBeyondAllReasonCostsNeitherTimeNorMemory(_ microseconds: Int64) throws {
        var detector = VolumeDetector(VolumeSettings())
        let strange = ActivityEvent(
            id: 1,
            at: Timestamp(microseconds: microseconds),
            collection: "a",
            action: "create",
        )
        try detector.absorb(strange)
        try detector.absorb(event("create", bucket: 10))
        _ = try detector.advance(to: time(20))
        try detector.absorb(strange)
        #expect(detector.nextClose == time(20, 30))
        _ = try detector.advance(to: Timestamp(microseconds: .max))
        _ = try detector.advance(to: Timestamp(microseconds: .min))
        var copy = VolumeDetector(VolumeSettings())
        for change in detector.takeChanges() { try copy.restore(key: change.key, state: #require(change.state)) }
        #expect(copy.nextClose == detector.nextClose)
    }

    @Test func countsActionsBeyondTheLimitInTheTotalOnly() throws {
        var settings = VolumeSettings()
        settings.actions = 3
        var detector = VolumeDetector(settings)
        for index in 0..<6 { try detector.absorb(event("action \(index)", bucket: index)) }
        _ = try detector.advance(to: time(10))
        let keys = detector.takeChanges().map(\.key)
        #expect(keys == ["open", "total", "action:action 0", "action:action 1", "action:action 2"])
    }

    @Test func storesOnlyWhatChanged() throws {
        var detector = VolumeDetector(VolumeSettings())
        detector.learn(history(buckets: 1_000, actions: ["create": 9, "login": 9]))
        #expect(detector.takeChanges().map(\.key) == ["open", "total", "action:create", "action:login"])
        #expect(detector.takeChanges().isEmpty)
        try detector.absorb(event("create", bucket: 1_000))
        let changes = detector.takeChanges()
        #expect(changes.map(\.key) == ["open"])
        #expect(changes.allSatisfy { ($0.state?.count ?? 0) < 40 })
        _ = try detector.advance(to: time(1_001, 30))
        #expect(detector.takeChanges().map(\.key) == ["open", "total", "action:create", "action:login"])
    }

    @Test(arguments: [UInt64(1), 2, 3, 4])
    func aRestartChangesNothing(seed: UInt64) throws {
        var random = RandomNumbers(seed: seed)
        var original = VolumeDetector(VolumeSettings())
        if seed > 1 {
            original.learn(history(buckets: 400 * Int(seed), seed: seed), until: time(400 * Int(seed), 120))
        }
        var restarted = original
        var stored: [String: [UInt8]] = [:]
        var findings = 0
        let start = seed > 1 ? 400 * Int(seed) : 0
        for bucket in start..<start + 1_200 {
            let isBusy = Int.random(in: 0..<100, using: &random) == 0
            for _ in 0..<Int.random(in: 0...(isBusy ? 300 : 12), using: &random) {
                let action = ["create", "update", "login"].randomElement(using: &random) ?? ""
                let late = Int.random(in: -2...2, using: &random)
                let event = event(action, bucket: bucket + late, second: Int.random(in: 0..<300, using: &random))
                try original.absorb(event)
                try restarted.absorb(event)
            }
            let now = time(bucket + 1, Int.random(in: 0..<300, using: &random))
            let found = try original.advance(to: now)
            try #require(try restarted.advance(to: now) == found)
            findings += found.count
            for change in restarted.takeChanges() { stored[change.key] = change.state }
            if Int.random(in: 0..<20, using: &random) == 0 {
                restarted = VolumeDetector(VolumeSettings())
                for (key, state) in stored.shuffled(using: &random) { try restarted.restore(key: key, state: state) }
            }
            #expect(restarted.nextClose == original.nextClose)
        }
        #expect(findings > 0)
    }

    @Test func forgetsWhatWasCountedInOtherBuckets() throws {
        var detector = VolumeDetector(VolumeSettings())
        detector.learn(history(buckets: 1_000))
        var settings = VolumeSettings()
        settings.bucketSeconds = 60
        var other = VolumeDetector(settings)
        for change in detector.takeChanges() { try other.restore(key: change.key, state: #require(change.state)) }
        #expect(other.nextClose == nil)
        #expect(
            other.takeChanges() == [
                StateChange(detector: "volume", key: "action:create", state: nil),
                StateChange(detector: "volume", key: "total", state: nil),
            ]
        )
        other.learn([bucketOf("create", 0)])
        #expect(other.nextClose != nil)
    }

    @Test func refusesDamagedState() throws {
        var detector = VolumeDetector(VolumeSettings())
        detector.learn(history(buckets: 900), until: time(899, 10))
        try detector.absorb(event("login", bucket: 905))
        var random = RandomNumbers(seed: 1)
        for change in detector.takeChanges() {
            let state = try #require(change.state)
            var copy = VolumeDetector(VolumeSettings())
            #expect(throws: DamagedStateError.self) { try copy.restore(key: change.key, state: state + [0]) }
            #expect(throws: DamagedStateError.self) { try copy.restore(key: change.key, state: state.dropLast()) }
            #expect(throws: DamagedStateError.self) { try copy.restore(key: "nonsense", state: state) }
            for _ in 0..<200 {
                var damaged = state
                damaged[Int.random(in: state.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
                var survivor = VolumeDetector(VolumeSettings())
                guard (try? survivor.restore(key: change.key, state: damaged)) != nil else { continue }
                _ = survivor.nextClose
                _ = try survivor.advance(to: time(950))
            }
        }
    }

    @Test func aHistoryTeachesAndRaisesNothing() throws {
        var detector = VolumeDetector(VolumeSettings())
        var past = history(buckets: 2_000)
        past[1_500].events = 5_000
        detector.learn(past, until: time(2_010))
        #expect(detector.nextClose == time(2_011, 30))
        #expect(try detector.advance(to: time(2_011, 30)).isEmpty)
        // What has been seen before, if only once, is less of a surprise than what has not.
        for index in 0..<5_000 { try detector.absorb(event("create", bucket: 2_011, second: index % 300)) }
        let again = try detector.advance(to: time(2_012, 30)).first { $0.subject.action == nil }
        #expect(again?.reason.contains("values like 5,000: 0 of") != true)
    }

    @Test func theBucketInWhichDetectionBeginsIsOpen() throws {
        var detector = VolumeDetector(VolumeSettings())
        detector.learn(history(buckets: 2_000) + [bucketOf("create", 2_000, events: 150)], until: time(2_000, 120))
        for index in 0..<150 { try detector.absorb(event("create", bucket: 2_000, second: 120 + index)) }
        #expect(try detector.advance(to: time(2_001, 30)).first?.observed == 300)
    }

    // A Monday.
    private let origin = Int64(1_767_571_200)

    private func time(_ bucket: Int, _ second: Int = 0) -> Timestamp {
        Timestamp(seconds: origin + Int64(bucket) * 300 + Int64(second))
    }

    private func event(_ action: String, bucket: Int, second: Int = 0) -> ActivityEvent {
        ActivityEvent(id: 1, at: time(bucket, second), collection: "articles", action: action)
    }

    private func bucketOf(_ action: String, _ bucket: Int, events: Int = 1) -> VolumeBucket {
        VolumeBucket(start: time(bucket), action: action, events: events)
    }

    /// Up to so many events of each action in each bucket.
    private func history(
        buckets: Int,
        actions: [String: Int] = ["create": 9],
        atLeast least: Int = 0,
        seed: UInt64 = 42,
    ) -> [VolumeBucket] {
        var random = RandomNumbers(seed: seed)
        return (0..<buckets).flatMap { bucket in
            actions.sorted { $0.key < $1.key }.map { action, most in
                bucketOf(action, bucket, events: Int.random(in: least...most, using: &random))
            }
        }
    }
}
