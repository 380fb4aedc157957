import CMalloc
import Glibc

/// The memory of this process.
package enum ProcessMemory {
    /// Keeps memory that was freed together, so that it is used again. To be called before threads are started.
    ///
    /// glibc gives threads arenas of their own, eight for each core, and what one frees the others do not see. Few
    /// threads here allocate much, and a generation frees as much as it takes. See mallopt(3).
    package static func shareArenas() {
        mallopt(M_ARENA_MAX, 2)
    }

    /// Bytes in physical memory, 0 where `/proc` is not mounted. See proc(5), `statm`.
    package static var residentBytes: Int64 {
        let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        var text = [UInt8](repeating: 0, count: 128)
        let count = read(descriptor, &text, text.count)
        let fields = text.prefix(max(0, count)).split(separator: UInt8(ascii: " "))
        guard fields.count > 1, let pages = Int64(String(decoding: fields[1], as: UTF8.self)) else { return 0 }
        return pages * Int64(sysconf(Int32(_SC_PAGESIZE)))
    }
}
