import CSystemd
import Glibc

/// The journal of systemd.
public enum Journal {
    private static let socket = "/run/systemd/journal/socket"

    /// Whether it takes entries of this process.
    public static var isReachable: Bool { access(socket, W_OK) == 0 }

    /// Whether what is written to standard error ends in the journal: then entries can take its place.
    ///
    /// `JOURNAL_STREAM` alone says little, since children inherit it whatever their standard error is.
    /// Source: systemd.exec(5), `JOURNAL_STREAM`.
    public static var isStandardError: Bool {
        guard let stream = getenv("JOURNAL_STREAM").map({ String(cString: $0) }) else { return false }
        return isStream(stream, of: STDERR_FILENO)
    }

    /// Whether "device:inode" names what a descriptor refers to.
    static func isStream(_ stream: String, of descriptor: CInt) -> Bool {
        let parts = stream.split(separator: ":", omittingEmptySubsequences: false)
        var status = stat()
        guard parts.count == 2, let device = UInt64(parts[0]), let inode = UInt64(parts[1]),
            fstat(descriptor, &status) == 0
        else { return false }
        return UInt64(status.st_dev) == device && UInt64(status.st_ino) == inode
    }

    /// Writes one entry, which the journal has when this returns.
    ///
    /// Waits only while the journal's queue is full. Without a journal nothing happens; ask ``isReachable``.
    ///
    /// - Parameter fields: in any order; a name may be repeated.
    /// - Returns: 0, or the `errno` with which it was refused.
    @discardableResult
    public static func send(_ fields: [JournalField]) -> Int32 {
        guard !fields.isEmpty else { return EINVAL }
        let all = fields.map(\.bytes)
        // One block of memory for all fields: the vectors have to point somewhere that stays.
        var vectors: [iovec] = []
        return all.flatMap(\.self).withUnsafeBytes { block -> Int32 in
            var offset = 0
            for bytes in all {
                let start = block.baseAddress.map { UnsafeMutableRawPointer(mutating: $0 + offset) }
                vectors.append(iovec(iov_base: start, iov_len: bytes.count))
                offset += bytes.count
            }
            // Reads them only, although its type does not say so.
            return max(0, -sd_journal_sendv(vectors, CInt(vectors.count)))
        }
    }
}
