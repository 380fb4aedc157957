import Glibc
import Testing

/// A service manager's end: an AF_UNIX datagram socket, named in `NOTIFY_SOCKET` as long as this exists.
///
/// It changes the environment of the process, so it belongs into exit tests: libpq in another suite reads it too.
final class NotifySocket {
    private let descriptor: Int32
    private let path: String

    /// - Parameter isAbstract: whether the name is in the abstract name space, which systemd writes with an `@`.
    /// - Throws: when the socket cannot be bound.
    init(isAbstract: Bool = false) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        path = isAbstract ? "@activityd-notify-\(getpid())" : "/tmp/activityd-notify-\(getpid())"
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = path.utf8.map { isAbstract && $0 == UInt8(ascii: "@") ? 0 : $0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        let result = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        try #require(result == 0, "bind: errno \(errno)")
        setenv("NOTIFY_SOCKET", path, 1)
    }

    deinit {
        unsetenv("NOTIFY_SOCKET")
        close(descriptor)
        unlink(path)
    }

    /// The message that waits, or nil.
    func received() -> String? {
        var buffer = [UInt8](repeating: 0, count: 8_192)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
    }
}
