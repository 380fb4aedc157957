import ActivityDaemon
import FoundationEssentials
import Glibc
import Systemd

/// Prints a value as JSON with keys in a stable order.
func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
}

/// Prints a value as JSON on a line of its own.
func printJSONLine(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
}

/// Writes a line to standard output at once, for whoever reads along in a pipe.
func printLine(_ line: String) {
    print(line)
    fflush(nil)
}

/// Writes a line to standard error; in the journal it is an error, sd-daemon(3).
func complain(_ line: String) {
    let prefix = Journal.isStandardError ? "<3>" : ""
    let lines = "activityd: \(line)".printableLines.map { prefix + $0 }
    write(lines.joined(separator: "\n") + "\n")
}

/// Writes a line over the last one, for progress on a terminal.
func showProgress(_ line: String) {
    write("\r\(line.printable)\u{1B}[K")
}

/// Ends a line of progress.
func endProgress() {
    write("\n")
}

private func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
}

/// Prints rows in columns that are as wide as they need to be.
func printTable(_ header: [String], _ rows: [[String]]) {
    for line in TextTable(header, rows).lines { print(line) }
}
