import Glibc

/// A `.env` file: `NAME=value` lines, optionally after `export`, with comments and quoted values.
///
/// A value without quotes ends at a blank and a `#`. In double quotes `\n`, `\"` and `\\` are replaced, in single quotes
/// nothing is. The file may belong to other programs too, so that only lines that begin with `ACTIVITYD_` are
/// refused when they cannot be read; other such lines are skipped.
struct EnvironmentFile {
    private(set) var variables: [EnvironmentVariable] = []
    private(set) var reading = ConfigurationReading()
    private let path: String

    /// Reads a file that may be missing.
    init(path: String) {
        self.path = path
        do throws(TextFile.Unreadable) {
            let text = try TextFile.contents(of: path)
            for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
            {
                read(line, number: index + 1)
            }
        } catch  where error.isMissing || !Self.isWithinReach(path) {
            return
        } catch {
            reading.refuse(nil, .unreadable(error.reason), from: .file(path: path, line: nil))
        }
    }

    /// `sudo -u` leaves a command in a directory that its user may not enter; a file there is meant for somebody else.
    private static func isWithinReach(_ path: String) -> Bool {
        let directory = path.lastIndex(of: "/").map { path[..<$0] } ?? "."
        return directory.isEmpty || access(String(directory), X_OK) == 0
    }

    private mutating func read(_ line: Substring, number: Int) {
        var line = String(line).trimmed
        if line.hasPrefix("export ") {
            line = String(line.dropFirst(7)).trimmed
        }
        let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
            String($0).trimmed
        }
        guard parts.count == 2, let value = Self.value(parts[1]) else {
            return refuse(line, number: number)
        }
        let origin = ConfigurationOrigin.environmentFile(path: path, line: number, variable: parts[0])
        if EnvironmentVariable.hasValue(parts[0], value), !parts[0].hasPrefix("#") {
            variables.append(EnvironmentVariable(name: parts[0], value: value, origin: origin))
        }
    }

    /// Says what is accepted, but not what was found: it may hold a secret.
    private mutating func refuse(_ line: String, number: Int) {
        guard line.hasPrefix(ConfigurationKey.variablePrefix) else { return }
        let accepted = "is not understood; accepted: NAME=value, NAME='value' or NAME=\"value\" on one line"
        reading.refuse(nil, .malformed(accepted), from: .file(path: path, line: number))
    }

    /// Nil when a quote is not closed, or followed by more than a comment.
    private static func value(_ text: String) -> String? {
        guard let quote = text.first, quote == "\"" || quote == "'" else { return withoutComment(text) }
        var value = ""
        var rest = text.dropFirst()
        while let character = rest.popFirst() {
            if character == quote {
                let tail = String(rest).trimmed
                return tail.isEmpty || tail.hasPrefix("#") ? value : nil
            }
            if quote == "\"", character == "\\", let escaped = rest.popFirst() {
                value += replacement(escaped)
            } else {
                value.append(character)
            }
        }
        return nil
    }

    private static func replacement(_ escaped: Character) -> String {
        switch escaped {
        case "n": "\n"
        case "\"", "\\": String(escaped)
        default: "\\\(escaped)"
        }
    }

    private static func withoutComment(_ text: String) -> String {
        guard !text.hasPrefix("#") else { return "" }
        let comment = text.indices.dropFirst().first { text[$0] == "#" && text[text.index(before: $0)].isWhitespace }
        return comment.map { String(text[..<$0]).trimmed } ?? text
    }
}
