import Glibc
import Systemd
import Testing

/// Each runs in a process of its own, because it changes the environment.
@Suite(.serialized) struct ServiceManagerTests {
    @Test func receivesAllStatesInOneMessage() async {
        await #expect(processExitsWith: .success) {
            let socket = try NotifySocket()
            let outcome = ServiceManager.notify([.ready, .status("serving\non 3000"), .watchdog])
            #expect(outcome == .sent)
            #expect(socket.received() == "READY=1\nSTATUS=serving on 3000\nWATCHDOG=1")
            #expect(socket.received() == nil)
        }
    }

    @Test func receivesOneMessageForEachCall() async {
        await #expect(processExitsWith: .success) {
            let socket = try NotifySocket()
            ServiceManager.notify([.extendTimeout(.seconds(30))])
            ServiceManager.notify([.stopping])
            #expect(socket.received() == "EXTEND_TIMEOUT_USEC=30000000")
            #expect(socket.received() == "STOPPING=1")
        }
    }

    @Test func reachesAnAbstractSocket() async {
        await #expect(processExitsWith: .success) {
            let socket = try NotifySocket(isAbstract: true)
            #expect(ServiceManager.notify([.ready]) == .sent)
            #expect(socket.received() == "READY=1")
        }
    }

    @Test func isActiveAsLongAsTheSocketIsNamed() async {
        await #expect(processExitsWith: .success) {
            let socket = try NotifySocket()
            #expect(ServiceManager.isActive)
            ServiceManager.notify([.ready])
            #expect(ServiceManager.isActive, "the variable stays for later messages")
            setenv("NOTIFY_SOCKET", "", 1)
            #expect(!ServiceManager.isActive)
            #expect(socket.received() == "READY=1")
        }
    }

    @Test func sendsNothingWithoutStates() async {
        await #expect(processExitsWith: .success) {
            let socket = try NotifySocket()
            #expect(ServiceManager.notify([]) == .nothingToSend)
            #expect(socket.received() == nil)
        }
    }

    @Test func doesNothingWithoutAManager() async {
        await #expect(processExitsWith: .success) {
            unsetenv("NOTIFY_SOCKET")
            unsetenv("WATCHDOG_USEC")
            #expect(!ServiceManager.isActive)
            #expect(ServiceManager.notify([.ready]) == .notSupervised)
            #expect(ServiceManager.watchdogInterval == nil)
        }
    }

    @Test func saysWhenTheSocketIsGone() async {
        await #expect(processExitsWith: .success) {
            setenv("NOTIFY_SOCKET", "/tmp/activityd-notify-nobody", 1)
            #expect(ServiceManager.notify([.ready]) == .failed(errno: ENOENT))
        }
    }

    @Test func readsTheWatchdogOfThisProcessOnly() async {
        await #expect(processExitsWith: .success) {
            setenv("WATCHDOG_USEC", "30000000", 1)
            #expect(ServiceManager.watchdogInterval == .seconds(30))
            setenv("WATCHDOG_PID", "\(getpid())", 1)
            #expect(ServiceManager.watchdogInterval == .seconds(30))
            #expect(ServiceManager.watchdogInterval == .seconds(30), "the variables stay")
            setenv("WATCHDOG_PID", "1", 1)
            #expect(ServiceManager.watchdogInterval == nil)
        }
    }

    @Test func ignoresAWatchdogThatIsNotANumber() async {
        await #expect(processExitsWith: .success) {
            setenv("WATCHDOG_USEC", "soon", 1)
            #expect(ServiceManager.watchdogInterval == nil)
        }
    }
}
