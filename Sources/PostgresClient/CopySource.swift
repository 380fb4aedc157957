/// What may be copied: a query (SELECT, VALUES, WITH, TABLE) or just the name of a table.
enum CopySource {
    /// The query that `source` stands for, without a semicolon at its end.
    static func query(_ source: String) -> String {
        var text = source[...]
        while let last = text.last, last.isWhitespace || last == ";" {
            text.removeLast()
        }
        text = text.drop(while: \.isWhitespace)
        return isName(text) ? "TABLE \(text)" : String(text)
    }

    /// Whether there is nothing but identifiers, quoted or not, with dots between them.
    private static func isName(_ text: Substring) -> Bool {
        var isQuoted = false
        for character in text {
            if character == "\"" { isQuoted.toggle() }
            let isPart = character.isLetter || character.isNumber || "_$.\"".contains(character)
            guard isQuoted || isPart else { return false }
        }
        return !text.isEmpty && !isQuoted
    }
}
