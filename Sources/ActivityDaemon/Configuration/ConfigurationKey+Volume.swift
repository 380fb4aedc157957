import Detection

extension ConfigurationKey {
    /// The volume detector.
    static let volume: [ConfigurationKey] = [
        .init("detection.volume.enabled", \.detection.volume.isEnabled, .boolean, "Whether this is looked for"),
        .init(
            "detection.volume.bucketSeconds",
            \.detection.volume.bucketSeconds,
            .wholeNumber(60...3600),
            "Length of a bucket in which events are counted; another one begins to learn anew",
        ),
        .init(
            "detection.volume.graceSeconds",
            \.detection.volume.graceSeconds,
            .wholeNumber(0...3600),
            "Seconds for which a bucket waits for events that come late",
        ),
        .init(
            "detection.volume.minimumEvents",
            \.detection.volume.minimumEvents,
            .wholeNumber(0...1_000_000),
            "Events that a bucket has, or should have, before it is told of",
        ),
        .init(
            "detection.volume.rareValue",
            \.detection.volume.rarity.rareValue,
            .threshold(0...20),
            "Surprise, in nats",
        ),
        .init(
            "detection.volume.rareLevel",
            \.detection.volume.rarity.rareLevel,
            .threshold(0...20),
            "Surprise of the mean of 36 buckets, in nats",
        ),
        .init(
            "detection.volume.rareBurst",
            \.detection.volume.rarity.rareBurst,
            .threshold(0...100),
            "Mean surprise of 30 buckets, in standard deviations",
        ),
        .init(
            "detection.volume.offProfile",
            \.detection.volume.rarity.offProfile,
            .threshold(0...100),
            "Distance of 12 buckets from what is usual at that hour, in standard deviations",
        ),
        .init(
            "detection.volume.hold",
            \.detection.volume.rarity.hold,
            .wholeNumber(0...100_000),
            "Buckets after an alert that raise no other",
        ),
        .init(
            "detection.volume.barStep",
            \.detection.volume.rarity.barStep,
            .number(0...100),
            "By how much each alert raises what the next one needs",
        ),
        .init(
            "detection.volume.barDecay",
            \.detection.volume.rarity.barDecay,
            .number(1...10_000_000),
            "Buckets after which that has decayed to 1/e",
        ),
        .init(
            "detection.volume.highMargin",
            \.detection.volume.highMargin,
            .number(0...100),
            "Margin from which on an alert is of high severity",
        ),
    ]
}
