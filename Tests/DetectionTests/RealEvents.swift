import Activity
import Foundation

@testable import Detection

/// The real histories beside the project, as events.
struct RealEvents {
    struct Row {
        var event: ActivityEvent
        var label: String
    }

    let rows: [Row]

    var events: [ActivityEvent] { rows.map(\.event) }

    /// - Throws: when the folder with the data is absent; see the README of the tests.
    init(_ name: String) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let file = root.appending(path: "../shared/data/\(name)").standardized
        guard let text = try? String(contentsOf: file, encoding: .utf8) else {
            throw MissingData(path: file.path)
        }
        rows = try text.split(whereSeparator: \.isNewline).dropFirst().enumerated().map { number, line in
            let fields = Self.fields(of: line)
            guard fields.count == 8, let at = Timestamp(rfc3339: fields[0]) else { throw BadLine(line: String(line)) }
            let event = ActivityEvent(
                id: Int64(number + 1),
                at: at,
                user: fields[2],
                ip: fields[1],
                collection: fields[5],
                action: fields[3],
                item: fields[6],
            )
            return Row(event: event, label: fields[7])
        }
    }

    /// Fields of CSV; those with commas are quoted.
    private static func fields(of line: Substring) -> [String] {
        var fields = [""]
        var isQuoted = false
        for character in line {
            switch character {
            case "\"": isQuoted.toggle()
            case "," where !isQuoted: fields.append("")
            default: fields[fields.count - 1].append(character)
            }
        }
        return fields
    }

    private struct MissingData: Error, CustomStringConvertible {
        let path: String
        var description: String { "\(path) is absent; the project's shared folder has to lie beside the project" }
    }

    private struct BadLine: Error {
        let line: String
    }
}
