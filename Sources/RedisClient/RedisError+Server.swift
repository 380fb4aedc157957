extension RedisError {
    /// The longest part of a server's error text that is repeated.
    private static let longestText = 200

    /// The error for a server's error reply.
    ///
    /// Redis repeats arguments in some texts (`unknown command 'x', with args beginning with: …`). Whatever
    /// stands in quotes is left out, and so is that tail; the name of the command is known without them.
    ///
    /// - Parameters:
    ///   - text: The reply without its leading `-`.
    ///   - command: The name of the command that it answers.
    /// - Returns: An error of the reply's prefix.
    static func server(_ text: String, command: String) -> RedisError {
        RedisError(
            code: .server(prefix: prefix(of: text)),
            message: "\(command) was refused by the server: \(withoutValues(text))",
        )
    }

    /// The first word when it is in capitals, else `ERR`, as Redis means it.
    static func prefix(of text: String) -> String {
        let word = text.prefix { $0 != " " }
        let isPrefix = !word.isEmpty && word.allSatisfy { $0.isASCII && ($0.isUppercase || $0.isNumber || $0 == "_") }
        return isPrefix ? String(word.prefix(32)) : "ERR"
    }

    /// The text without what stands in quotes, control characters, and echoed arguments.
    static func withoutValues(_ text: String) -> String {
        var kept = ""
        var closing: Character?
        var previous: Character = " "
        for character in text.prefix(longestText) {
            if let quote = closing {
                if character == quote { closing = nil }
            } else if isOpeningQuote(character, after: previous) {
                closing = character
                kept.append("'…'")
            } else {
                kept.append(isControl(character) ? " " : character)
            }
            previous = character
        }
        return beforeEchoedArguments(kept)
    }

    /// An apostrophe within a word opens nothing: "can't".
    private static func isOpeningQuote(_ character: Character, after previous: Character) -> Bool {
        "'\"`".contains(character) && !previous.isLetter && !previous.isNumber
    }

    private static func isControl(_ character: Character) -> Bool {
        character.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
    }

    private static func beforeEchoedArguments(_ text: String) -> String {
        guard let range = text.firstRange(of: ", with args beginning") else { return text }
        return String(text[..<range.lowerBound])
    }
}
