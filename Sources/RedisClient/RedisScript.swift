import Synchronization

/// A Lua script for ``RedisClient/evaluate(_:keys:arguments:)``.
///
/// Keep one value for a script, as a `static let`: it and its copies remember the digest by which the server knows it.
/// The digest comes from `SCRIPT LOAD`, at first use and whenever a server does not know the script (any more).
public struct RedisScript: Sendable {
    private final class Digest: Sendable {
        let value = Mutex<String?>(nil)
    }

    /// The Lua text.
    public let source: String

    private let known = Digest()

    /// A script of this Lua text; nothing is sent yet.
    public init(_ source: String) {
        self.source = source
    }

    /// What a server called the script, when one was asked.
    var digest: String? { known.value.withLock { $0 } }

    /// Remembers what the server called the script.
    func remember(digest: String) {
        known.value.withLock { $0 = digest }
    }
}
