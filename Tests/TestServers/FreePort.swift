import Synchronization

/// Finds a TCP port on 127.0.0.1 that nobody uses at the moment.
package enum FreePort {
    /// Below those that the kernel gives to clients, any of which may be taken before our server listens.
    private static let range = 10_000..<32_000

    private static let last = Atomic<Int>(Int.random(in: range))

    /// Another one with each call, until all were given.
    package static func find() throws -> Int {
        for _ in range {
            let number = last.add(1, ordering: .relaxed).newValue
            let port = range.lowerBound + number % range.count
            if (try? SilentListener(port: port)) != nil { return port }
        }
        throw Subprocess.Failure(description: "no port of \(range) is free on 127.0.0.1")
    }
}
