extension String {
    /// The same with a question mark for whatever a terminal might obey, ends of lines too: names of jobs, users and
    /// collections were written by anybody.
    package var printable: String { String(map { $0.isControl ? "?" : $0 }) }

    /// Its lines, each of them printable.
    package var printableLines: [String] { split(separator: "\n").map { String($0).printable } }
}

extension Character {
    fileprivate var isControl: Bool {
        unicodeScalars.contains { [.control, .format].contains($0.properties.generalCategory) }
    }
}
