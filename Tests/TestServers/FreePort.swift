import Glibc

/// Finds a TCP port on 127.0.0.1 that nobody uses at the moment.
package enum FreePort {
    package static func find() throws -> Int {
        let listener = try SilentListener()
        return listener.port
    }
}
