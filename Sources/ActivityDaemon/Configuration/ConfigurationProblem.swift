/// One thing in the configuration that stops the start.
package struct ConfigurationProblem: Sendable, Hashable {
    package enum Reason: Sendable, Hashable {
        /// The source could not be read.
        case unreadable(String)
        /// The source was read but not understood.
        case malformed(String)
        /// No key has this name; either the one that is probably meant, or all that could be.
        case unknown(suggestion: String?, known: [String])
        /// The same key stands earlier in the same file.
        case duplicate(line: Int?)
        /// The value, or nil for a secret, is not among what is accepted.
        case refused(value: String?, accepted: String)
    }

    package let origin: ConfigurationOrigin
    /// The dotted name, as far as it is not already said by the origin.
    package let key: String?
    package let reason: Reason
}

extension ConfigurationProblem: CustomStringConvertible {
    package var description: String {
        ([origin.description, key].compactMap(\.self) + [reason.description]).joined(separator: ": ")
    }
}

extension ConfigurationProblem.Reason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadable(let why): "cannot be read: \(why)"
        case .malformed(let why): why
        case .unknown(let suggestion?, _): "is not known; did you mean \(suggestion)?"
        case .unknown(nil, let known): "is not known; accepted: \(Self.shortened(known).joined(separator: ", "))"
        case .duplicate(let line): "is written twice" + (line.map { ", first in line \($0)" } ?? "")
        case .refused(let value, let accepted): "refused \(value ?? "the secret value"); accepted: \(accepted)"
        }
    }
}

extension ConfigurationProblem.Reason {
    /// Names with those of all jobs in one, `jobs.<name>.schedule` for all that end so, and those of detection in one; of
    /// variables likewise.
    private static func shortened(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.compactMap { name in
            let parts = name.split(separator: ".")
            let short =
                switch parts[0] {
                case _ where name.hasPrefix("ACTIVITYD_JOBS_"): "ACTIVITYD_JOBS_…"
                case _ where name.hasPrefix("ACTIVITYD_DETECTION_"): "ACTIVITYD_DETECTION_…"
                case "jobs" where parts.count == 3: "jobs.<name>.\(parts[2])"
                case "detection": "detection.…"
                default: name
                }
            return seen.insert(short).inserted ? short : nil
        }
    }
}
