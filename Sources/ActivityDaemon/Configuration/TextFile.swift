import Glibc

/// Reads small text files whole.
enum TextFile {
    struct Unreadable: Error {
        let reason: String
        let isMissing: Bool
    }

    private static let largest = 1 << 20

    /// The contents of a file of at most 1 MiB.
    ///
    /// - Throws: `Unreadable` with the system's reason, or because the file is too large or not UTF-8.
    static func contents(of path: String) throws(Unreadable) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(errno) }
        defer { close(descriptor) }
        guard let text = String(validating: try bytes(of: descriptor), as: UTF8.self) else {
            throw Unreadable(reason: "it is not UTF-8", isMissing: false)
        }
        return text
    }

    private static func bytes(of descriptor: Int32) throws(Unreadable) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw unreadable(errno) }
            guard count > 0 else { return bytes }
            bytes += buffer.prefix(count)
            guard bytes.count <= largest else { throw Unreadable(reason: "it is larger than 1 MiB", isMissing: false) }
        }
    }

    private static func unreadable(_ code: Int32) -> Unreadable {
        Unreadable(reason: String(cString: strerror(code)), isMissing: code == ENOENT)
    }
}
