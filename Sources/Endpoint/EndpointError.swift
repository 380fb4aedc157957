import Glibc
import NIOCore

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
            "cannot listen on \(place): \(reason)"
        case .neverBound:
            "the endpoint ended before it was bound"
        }
    }

    /// Whether trying again cannot help: this process may not listen there.
    package var isPermanent: Bool { refusal.map { $0 == EACCES || $0 == EPERM } ?? false }

    /// The `errno` of the system, when it was the system that refused.
    private var refusal: Int32? { (underlying as? IOError)?.errnoCode }

    private var reason: String {
        switch refusal {
        case EADDRINUSE: "another process listens there"
        case EADDRNOTAVAIL: "this machine does not have that address, or does not have it yet"
        case EACCES, EPERM: isPath ? "this process may make no socket there" : Self.portAdvice
        case let number?: String(cString: strerror(number))
        case nil: underlying.map { "\($0)" } ?? "unknown reason"
        }
    }

    private static let portAdvice =
        "this process may not; ports below 1024 want CAP_NET_BIND_SERVICE or a socket that systemd hands over"

    private var isPath: Bool {
        if case .unix = listener?.place { true } else { false }
    }

    private var place: String { listener.map { "\($0.place)" } ?? "an address" }
}
