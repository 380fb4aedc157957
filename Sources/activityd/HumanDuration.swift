import ArgumentParser

/// A duration as people write it: `90s`, `30m`, `2h`, `7d`.
struct HumanDuration: ExpressibleByArgument {
    let value: Duration

    private static let seconds: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    private static let longest = Int64(366 * 86_400)

    init?(argument: String) {
        guard let unit = argument.last.flatMap({ Self.seconds[$0] }), let count = Int64(argument.dropLast()) else {
            return nil
        }
        let (seconds, overflow) = count.multipliedReportingOverflow(by: unit)
        guard !overflow, 1...Self.longest ~= seconds else { return nil }
        value = .seconds(seconds)
    }
}
