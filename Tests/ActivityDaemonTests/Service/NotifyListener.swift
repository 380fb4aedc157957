import Foundation
import Glibc
import Synchronization

/// A service manager's end of `NOTIFY_SOCKET`, which keeps every message that a daemon sends.
final class NotifyListener: Sendable {
    let path = "/tmp/activityd-\(UUID().uuidString.prefix(8)).notify"
    private let descriptor: Int32
    private let received = Mutex<[String]>([])

    struct Failure: Error {
        let errno: Int32
    }

    init() throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw Failure(errno: errno) }
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    /// Every message so far, each with its assignments.
    var messages: [[String]] {
        received.withLock { received in
            var buffer = [UInt8](repeating: 0, count: 8_192)
            while case let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT)), count >= 0 {
                received.append(String(decoding: buffer.prefix(count), as: UTF8.self))
            }
            return received.map { $0.split(separator: "\n").map(String.init) }
        }
    }

    /// Every assignment so far.
    var assignments: [String] { messages.flatMap(\.self) }

    /// The text of the last status.
    var status: String? {
        assignments.last { $0.hasPrefix("STATUS=") }.map { String($0.dropFirst("STATUS=".count)) }
    }

    func count(of assignment: String) -> Int { assignments.count { $0 == assignment } }
}
