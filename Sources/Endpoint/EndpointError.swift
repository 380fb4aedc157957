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
    /// The address as it was configured.
    package let host: String
    /// The port as it was configured.
    package let port: Int
    /// The error of the operating system or of the resolver.
    package let underlying: (any Error)?

    package var description: String {
        switch code {
        case .bindFailed:
            "cannot listen on host \(host), port \(port): \(underlying.map { "\($0)" } ?? "unknown reason")"
        case .neverBound:
            "the endpoint for host \(host), port \(port) ended before it was bound"
        }
    }
}
