import Yams

/// Reads the YAML file into assignments, with the line of each.
struct YAMLSource {
    private let path: String
    private var reading = ConfigurationReading()
    private var firstLines: [String: Int?] = [:]

    /// A missing file is a problem only when it `isRequired`.
    static func read(_ path: String, isRequired: Bool) -> ConfigurationReading {
        var source = YAMLSource(path: path)
        do throws(TextFile.Unreadable) {
            source.parse(try TextFile.contents(of: path))
        } catch  where error.isMissing && !isRequired {
            return source.reading
        } catch {
            source.refuse(nil, .unreadable(error.reason), line: nil)
        }
        return source.reading
    }

    private init(path: String) {
        self.path = path
    }

    /// Scalars stay texts (`.basic`): the key decides about the type, not their look.
    private mutating func parse(_ yaml: String) {
        do {
            switch try Yams.compose(yaml: yaml, .basic, .default, .utf8) {
            case nil: break
            case .mapping(let mapping)?: walk(mapping, below: "")
            case let node?:
                guard !isNull(node) else { break }
                refuse(
                    nil,
                    .malformed("is not a mapping; accepted: lines such as \"log:\" and \"  level: info\""),
                    node,
                )
            }
        } catch let error as YamlError {
            refuse(nil, .malformed(error.constantText), line: error.line)
        } catch {
            refuse(nil, .malformed("is not YAML"), line: nil)
        }
    }

    private mutating func walk(_ mapping: Node.Mapping, below prefix: String) {
        for (nameNode, value) in mapping {
            guard case .scalar(let name) = nameNode else {
                refuse(nil, .malformed("has a name that is not a text"), nameNode)
                continue
            }
            visit(prefix + name.string, value, line: name.mark?.line)
        }
    }

    private mutating func visit(_ name: String, _ node: Node, line: Int?) {
        if case .mapping(let section) = node {
            return walk(section, below: name + ".")
        }
        guard let key = ConfigurationKey.byName[name] else { return visitUnknown(name, node, line: line) }
        if let first = firstLines.updateValue(line, forKey: name) {
            return refuse(name, .duplicate(line: first), line: line)
        }
        switch node {
        case _ where isNull(node): break
        case .scalar(let scalar): assign(.text(scalar.string), to: key, line: line)
        case .sequence(let sequence): assign(sequence, to: key, line: line)
        default: refuse(name, .refused(value: nil, accepted: key.accepted), line: line)
        }
    }

    /// An empty section is fine: its keys may all be commented out.
    private mutating func visitUnknown(_ name: String, _ node: Node, line: Int?) {
        let names = ConfigurationKey.all.map(\.name)
        let inSection = names.filter { $0.hasPrefix(name + ".") }
        guard inSection.isEmpty || !isNull(node) else { return }
        let suggestion = inSection.isEmpty ? ConfigurationKey.nearest(to: name, among: names) : nil
        refuse(name, .unknown(suggestion: suggestion, known: inSection.isEmpty ? names : inSection), line: line)
    }

    private mutating func assign(_ sequence: Node.Sequence, to key: ConfigurationKey, line: Int?) {
        let texts = sequence.compactMap(\.scalar?.string)
        guard texts.count == sequence.count else {
            let value = key.isSecret ? nil : RefusedValue.nestedList.description
            return refuse(key.name, .refused(value: value, accepted: key.accepted), line: line)
        }
        assign(.list(texts), to: key, line: line)
    }

    private mutating func assign(_ value: ConfigurationValue, to key: ConfigurationKey, line: Int?) {
        let origin = ConfigurationOrigin.file(path: path, line: line)
        reading.assignments.append(ConfigurationAssignment(key: key, value: value, origin: origin))
    }

    private mutating func refuse(_ key: String?, _ reason: ConfigurationProblem.Reason, line: Int?) {
        reading.refuse(key, reason, from: .file(path: path, line: line))
    }

    private mutating func refuse(_ key: String?, _ reason: ConfigurationProblem.Reason, _ node: Node) {
        refuse(key, reason, line: node.mark?.line)
    }

    /// Nothing after the colon, `~` or `null` without quotes: as if the line were not there.
    private func isNull(_ node: Node) -> Bool {
        guard let scalar = node.scalar, scalar.style == .plain else { return false }
        return ["", "~", "null"].contains(scalar.string)
    }
}

extension YamlError {
    fileprivate var line: Int? {
        switch self {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
        case .duplicatedKeysInMapping(_, let context): context.mark.line
        default: nil
        }
    }

    /// What libyaml says, without the text around it: that may hold a password.
    fileprivate var constantText: String {
        switch self {
        case .scanner(_, let problem, _, _), .parser(_, let problem, _, _), .composer(_, let problem, _, _):
            "is not YAML: \(problem)"
        case .reader(let problem, _, _, _): "is not YAML: \(problem)"
        case .duplicatedKeysInMapping(let names, _): "has \(names.sorted().joined(separator: ", ")) twice"
        default: "is not YAML"
        }
    }
}
