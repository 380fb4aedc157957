import CSystemd
import Glibc

/// A listening socket that the service manager has opened for this process.
public struct HandedSocket: Sendable, Hashable {
    /// Its descriptor, which no child inherits. Whoever takes it closes it.
    public let descriptor: CInt
    /// `FileDescriptorName=` of its socket unit: the unit's name, unless it says otherwise.
    public let name: String

    /// Takes all descriptors that were handed to this process; a second call finds none, and neither does a child.
    ///
    /// Changes the environment, so it is to be called before there are threads that read it.
    /// Source: sd_listen_fds_with_names(3), `LISTEN_FDS`, `LISTEN_PID` and `LISTEN_FDNAMES`.
    ///
    /// - Returns: the sockets in the order of the units' lines.
    /// - Throws: `HandedSocketError` when the variables cannot be understood.
    public static func takeAll() throws(HandedSocketError) -> [HandedSocket] {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        let count = sd_listen_fds_with_names(1, &names)
        guard count >= 0 else { throw HandedSocketError(errno: -count) }
        defer {
            // The array is the caller's to free, and so is each name in it.
            for index in 0..<Int(count) { free(names?[index]) }
            free(names)
        }
        return (0..<Int(count)).map { index in
            let name = names?[index].map { String(cString: $0) } ?? ""
            return HandedSocket(descriptor: CInt(SD_LISTEN_FDS_START) + CInt(index), name: name)
        }
    }

    /// Whether connections can be accepted from it: `ListenStream=` with `Accept=no`.
    public var isListening: Bool {
        sd_is_socket(descriptor, AF_UNSPEC, CInt(SOCK_STREAM.rawValue), 1) > 0
    }

    /// Whether only processes of this machine reach it: a unix socket, or one at a loopback address.
    public var isLocal: Bool {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let family = withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                getsockname(descriptor, address, &size) == 0 ? Int32(address.pointee.sa_family) : AF_UNSPEC
            }
        }
        return withUnsafeBytes(of: storage) { bytes in
            switch family {
            case AF_UNIX: true
            case AF_INET: bytes.load(as: sockaddr_in.self).isLoopback
            case AF_INET6: bytes.load(as: sockaddr_in6.self).isLoopback
            default: false
            }
        }
    }
}

/// Why the descriptors that were handed over could not be taken.
public struct HandedSocketError: Error, CustomStringConvertible {
    /// What libsystemd says.
    public let errno: Int32

    /// In words.
    public var description: String {
        "the sockets handed over by LISTEN_FDS cannot be taken: \(String(cString: strerror(errno)))"
    }
}

extension sockaddr_in {
    /// 127.0.0.0/8.
    fileprivate var isLoopback: Bool { UInt32(bigEndian: sin_addr.s_addr) >> 24 == 127 }
}

extension sockaddr_in6 {
    /// ::1 and ::ffff:127.0.0.0/104.
    fileprivate var isLoopback: Bool {
        withUnsafeBytes(of: sin6_addr) { bytes in
            bytes.elementsEqual(Array(repeating: 0, count: 15) + [1])
                || bytes.starts(with: Array(repeating: 0, count: 10) + [0xFF, 0xFF, 127])
        }
    }
}
