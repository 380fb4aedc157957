extension String {
    /// The same with a question mark for whatever a terminal might obey: names of jobs, users and collections were written by
    /// anybody.
    package var printable: String { String(map { $0.isControl ? "?" : $0 }) }
}

extension Character {
    fileprivate var isControl: Bool {
        unicodeScalars.contains { [.control, .format].contains($0.properties.generalCategory) }
    }
}
