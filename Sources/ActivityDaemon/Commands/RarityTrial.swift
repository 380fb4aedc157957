package import Detection
import FoundationEssentials

/// Thresholds to try on a series, for whoever tunes them; `Benchmarks/run detection` does.
package struct RarityTrial: Sendable {
    /// The thresholds.
    package private(set) var settings = RaritySettings()

    /// What a trial may change, by name.
    private static let parameters: [String: @Sendable (inout RaritySettings, Double) -> Void] = [
        "rareValue": { $0.rareValue = $1 },
        "rareBurst": { $0.rareBurst = $1 },
        "rareLevel": { $0.rareLevel = $1 },
        "offProfile": { $0.offProfile = $1 },
        "profileGain": { $0.profileGain = $1 },
        "hold": { $0.hold = Int($1) },
        "barStep": { $0.barStep = $1 },
        "barDecay": { $0.barDecay = $1 },
    ]

    /// A trial from a line such as `rareValue=7.5 hold=30`; what it does not name is as by default.
    private init?(_ line: Substring) {
        for word in line.split(separator: " ") {
            let parts = word.split(separator: "=")
            guard parts.count == 2, let number = Double(parts[1]), 0...1e7 ~= number else { return nil }
            guard let assign = Self.parameters[String(parts[0])] else { return nil }
            assign(&settings, number)
        }
    }

    /// The trials of a file, one a line.
    ///
    /// - Throws: ``CSVError``.
    package static func load(path: String) throws(CSVError) -> [RarityTrial] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CSVError(kind: .file, "\(path) cannot be read")
        }
        var trials: [RarityTrial] = []
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
            guard let trial = RarityTrial(line) else {
                let names = parameters.keys.sorted().joined(separator: ", ")
                throw CSVError(kind: .row, "\(path): '\(line)' is refused; accepted are NAME=NUMBER with \(names)")
            }
            trials.append(trial)
        }
        return trials
    }
}
