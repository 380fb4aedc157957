import Detection
import Testing

struct RarityDetectorTests {
    private let settings = RaritySettings()

    @Test func raisesExactlyTheAlertsOfTheReferenceOnTheBenchmark() throws {
        let corpus = try BenchmarkCorpus.shared.get()
        #expect(corpus.series.count == 58)
        #expect(corpus.series.reduce(0) { $0 + $1.values.count } == 365_558)
        let expected = Dictionary(grouping: corpus.alerts, by: \.file)
        for series in corpus.series {
            let found = try alerts(in: series)
            let wanted = expected[series.file] ?? []
            #expect(found.map(\.row) == wanted.map(\.row), "\(series)")
            #expect(found.map { $0.verdict.reason?.rawValue } == wanted.map(\.reason), "\(series)")
            for (found, wanted) in zip(found, wanted) {
                #expect(abs(found.verdict.margin - wanted.margin) <= 1e-6, "\(series), row \(wanted.row)")
            }
        }
        #expect(corpus.alerts.count == 340)
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func goesOnFromItsStateWithTheSameVerdicts(seed: UInt64) throws {
        var random = RandomNumbers(seed: seed)
        for series in try BenchmarkCorpus.shared.get().series where Int.random(in: 0..<4, using: &random) == 0 {
            let probation = settings.probation(ofSeries: series.values.count)
            var original = RarityDetector(warmUp: probation)
            var copy = original
            var next = 0
            for (row, value) in series.values.enumerated() {
                if row == next {
                    copy = try decoded(encoded(original))
                    // Also in the middle of a warm-up.
                    next += Int.random(in: 1...400, using: &random)
                }
                let verdict = try original.absorb(value, hourOfDay: series.hours[row])
                try #require(try copy.absorb(value, hourOfDay: series.hours[row]) == verdict, "\(series), row \(row)")
            }
            #expect(copy == original)
        }
    }

    @Test func refusesDamagedState() throws {
        var random = RandomNumbers(seed: 4)
        for length in [20, 150] {
            var detector = RarityDetector(warmUp: 50)
            for index in 0..<length { try detector.teach(Double(index % 13) + 0.5, hourOfDay: index / 12 % 24) }
            let bytes = encoded(detector)
            for count in 0..<bytes.count where (try? decoded(Array(bytes.prefix(count)))) != nil {
                Issue.record("\(count) of \(bytes.count) bytes were enough")
            }
            // Not every change can be noticed, but none may harm.
            for _ in 0..<2_000 {
                var damaged = bytes
                damaged[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
                guard var survivor = try? decoded(damaged) else { continue }
                _ = try survivor.absorb(7, hourOfDay: 0)
            }
        }
    }

    @Test func itsStateStaysSmall() throws {
        var detector = RarityDetector(warmUp: 750)
        var random = RandomNumbers(seed: 5)
        for point in 0..<50_000 {
            let isNight = point / 12 % 24 < 7
            try detector.teach(
                Double(Int.random(in: 0...(isNight ? 9 : 400), using: &random)),
                hourOfDay: point / 12 % 24,
            )
            if point % 500 == 0 { #expect(encoded(detector).count <= 2_560) }
        }
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity, 1.1e100, -.greatestFiniteMagnitude])
    func refusesWhatIsNoMeasureAndForgetsIt(_ value: Double) throws {
        for length in [0, 30, 500] {
            var detector = RarityDetector(warmUp: 50)
            for index in 0..<length { try detector.teach(Double(index % 7), hourOfDay: 0) }
            let before = detector
            #expect(throws: UnusableValueError.self) { try detector.absorb(value, hourOfDay: 0) }
            #expect(detector == before)
        }
    }

    @Test func staysSaneBesideTheLargestValues() throws {
        var detector = RarityDetector(warmUp: 50)
        var random = RandomNumbers(seed: 6)
        for point in 0..<5_000 {
            let values: [Double] = [0, 1e100, -1e100, 1e-300, .leastNonzeroMagnitude]
            let value = values.randomElement(using: &random) ?? 0
            let verdict = try detector.absorb(value, hourOfDay: point % 24)
            #expect(verdict.margin.isFinite)
        }
        #expect(try decoded(encoded(detector)) == detector)
    }

    @Test func saysNothingDuringTheWarmUp() throws {
        var detector = RarityDetector(warmUp: 60)
        for index in 0..<59 {
            let verdict = try detector.absorb(index == 40 ? 1e9 : 1, hourOfDay: 0)
            #expect(verdict.outcome == .usual && verdict.reason == nil && verdict.measures == nil)
            #expect(!detector.isWarm)
        }
        _ = try detector.absorb(1, hourOfDay: 0)
        #expect(detector.isWarm)
    }

    @Test func explainsAValueByWhatThePastHadLikeIt() throws {
        var detector = RarityDetector(warmUp: 750)
        var random = RandomNumbers(seed: 7)
        for index in 0..<3_120 {
            try detector.teach(Double(Int.random(in: 0...300, using: &random)), hourOfDay: index / 12 % 24)
        }
        let verdict = try detector.absorb(412, hourOfDay: 4)
        #expect(verdict.isAlert)
        #expect(verdict.reason == .rareValue)
        #expect(verdict.explanation(unit: "buckets") == "values like 412: 0 of 3,120 past buckets")
    }

    @Test func keepsAnEpisodeOpenWhileItLasts() throws {
        var detector = RarityDetector(warmUp: 50)
        for index in 0..<5_000 { try detector.teach(Double(index % 12), hourOfDay: 0) }
        let outcomes = try (0..<70).map { try detector.absorb(Double($0 * 10 + 500), hourOfDay: 0).outcome }
        #expect(outcomes[0] == .alert)
        #expect(outcomes[1...20].allSatisfy { $0 == .continuing })
        #expect(!outcomes[1...60].contains(.alert))
    }

    @Test func asksForMoreAfterEachAlert() throws {
        var detector = RarityDetector(warmUp: 50)
        var bars: [Double] = []
        for index in 0..<40_000 {
            let value = index > 0 && index % 4_000 == 0 ? 1e6 * Double(index) : Double(index % 12)
            let verdict = try detector.absorb(value, hourOfDay: 0)
            if verdict.isAlert { bars.append(verdict.bar) }
        }
        #expect(bars.count >= 3)
        #expect(bars.first == 0 && bars.dropFirst().allSatisfy { $0 > 0.3 })
    }

    @Test(arguments: RarityReason.allCases)
    func aReasonThatIsTurnedOffIsNeverGiven(_ reason: RarityReason) throws {
        var settings = RaritySettings()
        switch reason {
        case .rareValue: settings.rareValue = nil
        case .rareBurst: settings.rareBurst = nil
        case .rareLevel: settings.rareLevel = nil
        case .offProfile: settings.offProfile = nil
        }
        var reasons: Set<RarityReason> = []
        for series in try BenchmarkCorpus.shared.get().series.prefix(14) {
            for alert in try alerts(in: series, settings) { alert.verdict.reason.map { _ = reasons.insert($0) } }
        }
        #expect(!reasons.contains(reason) && reasons.count >= 2)
    }

    @Test func withoutAnyReasonNothingIsUnusual() throws {
        var settings = RaritySettings()
        (settings.rareValue, settings.rareBurst, settings.rareLevel, settings.offProfile) = (nil, nil, nil, nil)
        var detector = RarityDetector(warmUp: 50, settings: settings)
        for index in 0..<300 { try detector.teach(Double(index % 12), hourOfDay: 0) }
        let verdict = try detector.absorb(1e6, hourOfDay: 0)
        #expect(verdict.outcome == .usual && verdict.reason == nil)
    }

    private func alerts(
        in series: BenchmarkCorpus.Series,
        _ settings: RaritySettings = RaritySettings(),
    ) throws -> [(row: Int, verdict: RarityVerdict)] {
        let probation = settings.probation(ofSeries: series.values.count)
        var detector = RarityDetector(warmUp: probation, settings: settings)
        var alerts: [(row: Int, verdict: RarityVerdict)] = []
        for (row, value) in series.values.enumerated() {
            if row < probation {
                try detector.teach(value, hourOfDay: series.hours[row])
            } else {
                let verdict = try detector.absorb(value, hourOfDay: series.hours[row])
                if verdict.isAlert { alerts.append((row, verdict)) }
            }
        }
        return alerts
    }

    private func encoded(_ detector: RarityDetector) -> [UInt8] {
        var writer = StateWriter()
        detector.encode(into: &writer)
        return writer.bytes
    }

    private func decoded(_ bytes: [UInt8]) throws -> RarityDetector {
        var reader = StateReader(bytes)
        let detector = try RarityDetector(from: &reader, settings: settings)
        guard reader.isAtEnd else { throw DamagedStateError() }
        return detector
    }
}

/// SplitMix64, so that a failure can be repeated.
struct RandomNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
