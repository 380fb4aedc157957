import Glibc
import Systemd
import Testing

/// Each runs in a process of its own, because it changes the environment and the first descriptors.
@Suite(.serialized) struct HandedSocketTests {
    @Test func takesThemWithTheirNamesOnce() async {
        await #expect(processExitsWith: .success) {
            hand(over: [makeListener(AF_UNIX), makeListener(AF_INET)], names: "http:admin")
            let sockets = try HandedSocket.takeAll()
            #expect(sockets.map(\.name) == ["http", "admin"])
            #expect(sockets.map(\.descriptor) == [3, 4])
            #expect(sockets.allSatisfy { $0.isListening && $0.isLocal })
            #expect(sockets.allSatisfy { fcntl($0.descriptor, F_GETFD) & FD_CLOEXEC != 0 })
            #expect(getenv("LISTEN_FDS") == nil && getenv("LISTEN_PID") == nil && getenv("LISTEN_FDNAMES") == nil)
            let none = try HandedSocket.takeAll()
            #expect(none.isEmpty)
        }
    }

    @Test func leavesThoseOfAnotherProcessAlone() async {
        await #expect(processExitsWith: .success) {
            hand(over: [makeListener(AF_INET)], names: "http")
            setenv("LISTEN_PID", "1", 1)
            let none = try HandedSocket.takeAll()
            #expect(none.isEmpty)
        }
    }

    @Test func findsNoneWithoutAManager() async {
        await #expect(processExitsWith: .success) {
            unsetenv("LISTEN_FDS")
            let none = try HandedSocket.takeAll()
            #expect(none.isEmpty)
        }
    }

    @Test func refusesWhatIsNoNumber() async {
        await #expect(processExitsWith: .success) {
            hand(over: [makeListener(AF_INET)], names: "http")
            setenv("LISTEN_FDS", "two", 1)
            let error = #expect(throws: HandedSocketError.self) { try HandedSocket.takeAll() }
            #expect(error?.description == "the sockets handed over by LISTEN_FDS cannot be taken: Invalid argument")
        }
    }

    @Test func tellsWhatDoesNotListenAndWhatOthersReach() async {
        await #expect(processExitsWith: .success) {
            hand(
                over: [makeListener(AF_INET, address: INADDR_ANY), makeSocket(AF_INET), open("/dev/null", O_RDONLY)],
                names: "http:admin:admin",
            )
            let sockets = try HandedSocket.takeAll()
            #expect(sockets.map(\.isListening) == [true, false, false])
            #expect(sockets.map(\.isLocal) == [false, false, false])
        }
    }
}

private func makeSocket(_ family: Int32) -> Int32 {
    socket(family, Int32(SOCK_STREAM.rawValue), 0)
}

/// A socket that listens: at a free port, or at a name that the kernel makes up.
private func makeListener(_ family: Int32, address: in_addr_t = INADDR_LOOPBACK) -> Int32 {
    let descriptor = makeSocket(family)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(family)
    place.sin_addr.s_addr = address.bigEndian
    let size = family == AF_UNIX ? MemoryLayout<sa_family_t>.size : MemoryLayout<sockaddr_in>.size
    withUnsafePointer(to: place) { place in
        place.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = bind(descriptor, $0, socklen_t(size)) }
    }
    listen(descriptor, 8)
    return descriptor
}

/// What a service manager does before it starts a program.
private func hand(over sockets: [Int32], names: String) {
    // First out of the way, then into place: a source may be another's place.
    let copies = sockets.map { fcntl($0, F_DUPFD, 100) }
    for (index, copy) in copies.enumerated() {
        dup2(copy, 3 + Int32(index))
        close(copy)
    }
    setenv("LISTEN_FDS", "\(sockets.count)", 1)
    setenv("LISTEN_FDNAMES", names, 1)
    setenv("LISTEN_PID", "\(getpid())", 1)
}
