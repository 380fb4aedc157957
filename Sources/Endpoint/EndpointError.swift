/// Why the endpoint could not serve.
package struct EndpointError: Error, CustomStringConvertible {
    /// What went wrong.
    package enum Code: Sendable {
        /// The address could not be listened on.
        case bindFailed
        /// The server went away before it was bound.
        case neverBound
    }

    /// What went wrong.
    package let code: Code
    /// Where; nil when the endpoint ended before it tried.
    package let listener: Listener?
    /// The error of the operating system or of the resolver.
    package let underlying: (any Error)?

    package var description: String {
        switch code {
        case .bindFailed:
            "cannot listen on \(place): \(underlying.map { "\($0)" } ?? "unknown reason")"
        case .neverBound:
            "the endpoint ended before it was bound"
        }
    }

    private var place: String { listener.map { "\($0.place)" } ?? "an address" }
}
