import Glibc

/// A socket in the file system that belongs to this process.
struct UnixSocket: Sendable {
    /// Why there is none.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let descriptor: CInt
    private let path: String
    /// Which file it is, so that a successor's is not removed.
    private let identity: Identity

    private struct Identity: Sendable, Equatable {
        let device: dev_t
        let number: ino_t
    }

    /// Binds a socket without listening yet: nobody can connect before the permissions are right.
    ///
    /// - Throws: `Failure` when somebody listens there, when something else is there, or when the system refuses.
    init(bindingTo path: String, mode: mode_t) throws(Failure) {
        try Self.removeStale(path)
        let descriptor = try Self.makeSocket()
        do throws(Failure) {
            guard try Self.with(path, { bind(descriptor, $0, $1) }) == 0 else { throw Self.failure("cannot be bound") }
            guard chmod(path, mode) == 0 else { throw Self.failure("cannot be given its permissions") }
            guard let identity = Self.identity(of: path) else { throw Self.failure("has vanished") }
            (self.descriptor, self.path, self.identity) = (descriptor, path, identity)
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Removes the file, unless it is another's by now.
    func remove() {
        if Self.identity(of: path) == identity { unlink(path) }
    }

    /// Removes the socket of a process that has ended without doing so.
    private static func removeStale(_ path: String) throws(Failure) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw Failure(description: "something is there that is no socket")
        }
        let probe = try makeSocket()
        defer { close(probe) }
        guard try with(path, { connect(probe, $0, $1) }) < 0 else {
            throw Failure(description: "another process listens there")
        }
        guard errno == ECONNREFUSED else { throw failure("cannot be tried") }
        guard unlink(path) == 0 || errno == ENOENT else { throw failure("cannot be removed") }
    }

    private static func makeSocket() throws(Failure) -> CInt {
        let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { throw failure("cannot be made") }
        return descriptor
    }

    private static func identity(of path: String) -> Identity? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        return Identity(device: status.st_dev, number: status.st_ino)
    }

    private static func failure(_ what: String) -> Failure {
        Failure(description: "\(what): \(String(cString: strerror(errno)))")
    }

    private static func with(
        _ path: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt,
    ) throws(Failure) -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw Failure(description: "the path is longer than 107 bytes")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
