import Glibc

/// A TCP port on 127.0.0.1 whose connections the kernel accepts and nobody answers: a black hole.
package final class SilentListener: Sendable {
    /// The port.
    package let port: Int
    /// Of the socket that listens; no child inherits it.
    package let descriptor: Int32

    /// Opens a port, any free one unless it is given; it closes with this object.
    package init(port: Int = 0) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        address.sin_port = in_port_t(port).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isOpen = withUnsafeMutableBytes(of: &address) { bytes in
            guard let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return false }
            return bind(descriptor, pointer, size) == 0 && listen(descriptor, 16) == 0
                && getsockname(descriptor, pointer, &size) == 0
        }
        guard isOpen else {
            let reason = errno
            close(descriptor)
            throw Subprocess.Failure(description: "no port on 127.0.0.1: errno \(reason)")
        }
        self.descriptor = descriptor
        self.port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit {
        close(descriptor)
    }
}
