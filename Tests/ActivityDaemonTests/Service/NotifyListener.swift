import Dispatch
import Foundation
import Glibc
import Synchronization

/// A service manager's end of `NOTIFY_SOCKET`, which keeps every message that a daemon sends.
///
/// Reads at once, as a manager does: the kernel holds ten messages, and whoever sends one more waits.
final class NotifyListener: Sendable {
    let path = "/tmp/activityd-\(UUID().uuidString.prefix(8)).notify"
    private let descriptor: Int32
    private let arrivals: Mutex<any DispatchSourceRead>
    private let received = Mutex<[String]>([])

    struct Failure: Error {
        let errno: Int32
    }

    init() throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { [path] in $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let failure = Failure(errno: errno)
            close(descriptor)
            throw failure
        }
        self.descriptor = descriptor
        let queue = DispatchQueue(label: "NotifyListener")
        arrivals = Mutex(DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue))
        arrivals.withLock { arrivals in
            arrivals.setEventHandler { [weak self] in self?.receive() }
            arrivals.setCancelHandler { close(descriptor) }
            arrivals.activate()
        }
    }

    deinit {
        arrivals.withLock { $0.cancel() }
        unlink(path)
    }

    /// Every message so far, each with its assignments.
    var messages: [[String]] { receive().map { $0.split(separator: "\n").map(String.init) } }

    /// Takes what the kernel holds, and returns all that ever came.
    @discardableResult
    private func receive() -> [String] {
        received.withLock { received in
            var buffer = [UInt8](repeating: 0, count: 8_192)
            while case let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT)), count >= 0 {
                received.append(String(decoding: buffer.prefix(count), as: UTF8.self))
            }
            return received
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
