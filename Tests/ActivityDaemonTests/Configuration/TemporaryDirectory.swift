import Glibc
import Testing

/// A directory that exists as long as this does.
final class TemporaryDirectory {
    let path: String
    /// In the order of their making, so that the reverse empties directories before they are removed.
    private var created: [String]

    init() throws {
        var template = Array("/tmp/activityd-test-XXXXXX".utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
        created = [path]
    }

    deinit {
        for entry in created.reversed() {
            remove(entry)
        }
    }

    /// Writes a file; its name may have one directory in it.
    func write(_ text: String, to name: String) throws {
        if let slash = name.firstIndex(of: "/") {
            let directory = "\(path)/\(name[..<slash])"
            mkdir(directory, 0o700)
            created.append(directory)
        }
        let file = try #require(fopen("\(path)/\(name)", "w"))
        defer { fclose(file) }
        created.append("\(path)/\(name)")
        try #require(fwrite(text, 1, text.utf8.count, file) == text.utf8.count)
    }
}
