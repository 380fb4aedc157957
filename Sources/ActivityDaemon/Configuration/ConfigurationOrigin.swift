/// Which source a value came from.
package enum ConfigurationOrigin: Sendable, Hashable {
    case builtIn
    /// The YAML file; lines count from 1.
    case file(path: String, line: Int?)
    case credential(path: String)
    case environmentFile(path: String, line: Int, variable: String)
    case environment(variable: String)
    case commandLine
    /// Several variables of the predecessor that make one value.
    case combined([ConfigurationOrigin])
}

extension ConfigurationOrigin: CustomStringConvertible {
    package var description: String {
        switch self {
        case .builtIn: "default"
        case .file(let path, let line): line.map { "\(path):\($0)" } ?? path
        case .credential(let path): "credential \(path)"
        case .environmentFile(let path, let line, let variable): "\(path):\(line) (\(variable))"
        case .environment(let variable): "environment variable \(variable)"
        case .commandLine: "command line"
        case .combined(let origins): origins.map(\.description).joined(separator: ", ")
        }
    }
}
