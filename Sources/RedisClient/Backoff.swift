/// The pauses between attempts to connect: each is drawn from zero up to a ceiling that doubles ("full jitter"), so
/// that the clients of a server that comes back do not come all at once.
///
/// Source: <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>.
struct Backoff: Sendable {
    private static let first = Duration.milliseconds(100)
    private static let longest = Duration.seconds(10)

    private var ceiling = Backoff.first

    /// The next pause.
    mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        defer { ceiling = min(ceiling * 2, Self.longest) }
        return ceiling * Double.random(in: 0...1, using: &generator)
    }

    /// The next pause, at random.
    mutating func next() -> Duration {
        var generator = SystemRandomNumberGenerator()
        return next(using: &generator)
    }

    /// Starts from the shortest pause again if a connection has lasted; one that dies at once is no success.
    mutating func connectionEnded(after lifetime: Duration) {
        guard lifetime >= Self.longest else { return }
        ceiling = Self.first
    }
}
