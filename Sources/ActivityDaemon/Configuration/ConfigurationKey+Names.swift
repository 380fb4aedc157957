extension ConfigurationKey {
    /// What every environment variable of the daemon begins with.
    package static let variablePrefix = "ACTIVITYD_"

    /// The environment variable: `http.allowAnonymous` is `ACTIVITYD_HTTP_ALLOW_ANONYMOUS`; a hyphen is `_` too.
    package var variable: String {
        name.reduce(into: Self.variablePrefix) { variable, character in
            switch character {
            case ".", "-": variable += "_"
            case _ where character.isUppercase: variable += "_\(character)"
            default: variable += character.uppercased()
            }
        }
    }

    /// The known name that a mistyped one probably means: at most a third of its letters away, whatever the case.
    static func nearest(to name: String, among names: [String]) -> String? {
        let candidates = names.map { (name: $0, distance: editDistance(name.lowercased(), $0.lowercased())) }
        guard let best = candidates.min(by: { $0.distance < $1.distance }), best.distance <= max(2, name.count / 3)
        else {
            return nil
        }
        return best.name
    }

    /// Insertions, deletions and replacements that lead from one text to the other (Levenshtein 1966).
    private static func editDistance(_ left: String, _ right: String) -> Int {
        var row = Array(0...right.count)
        for (line, character) in left.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for (column, other) in right.enumerated() {
                let replaced = diagonal + (character == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
            }
        }
        return row[right.count]
    }
}
