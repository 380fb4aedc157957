/// The part of a written value that its key does not accept.
struct RefusedValue: Error, Hashable, CustomStringConvertible {
    /// Quoted and shortened, or a word for its shape.
    let description: String

    private static let longest = 80

    static let list = RefusedValue(shape: "a list")
    static let nestedList = RefusedValue(shape: "a list of lists or sections")

    private init(shape: String) {
        description = shape
    }

    init(_ value: ConfigurationValue) {
        switch value {
        case .text(let text): self.init(text)
        case .list: self = .list
        }
    }

    /// With what is wrong about it.
    init(_ text: String, because reason: String) {
        description = "\(RefusedValue(text)) (\(reason))"
    }

    init(_ text: String) {
        let shortened = text.count > Self.longest ? text.prefix(Self.longest) + "…" : text[...]
        description = String(reflecting: String(shortened))
    }
}
