/// What a source wrote for one key, before it is typed.
enum ConfigurationValue: Sendable, Hashable {
    case text(String)
    case list([String])
}
