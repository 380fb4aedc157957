/// A text that must not be printed: descriptions, mirrors and `dump` show a placeholder.
package struct Secret: Sendable, Hashable, ExpressibleByStringLiteral {
    /// What is shown in its place.
    package static let placeholder = "(secret)"

    /// The text itself, for the one place that needs it.
    package let revealed: String

    package var isEmpty: Bool { revealed.isEmpty }

    package init(_ text: String) {
        revealed = text
    }

    package init(stringLiteral text: String) {
        revealed = text
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { Self.placeholder }

    package var debugDescription: String { Self.placeholder }

    package var customMirror: Mirror { Mirror(reflecting: Self.placeholder) }
}
