import Glibc

/// Something that a service tells its service manager, as in sd_notify(3).
public enum ServiceState: Sendable, Hashable {
    /// The start, or a reload, is complete.
    case ready
    /// A reload has begun at this moment of `CLOCK_MONOTONIC`, in microseconds; ``ready`` ends it. Both are in one
    /// message, which systemd 253 and later want of `Type=notify-reload`.
    case reloading(monotonicMicroseconds: UInt64)
    /// The stop has begun.
    case stopping
    /// One line for people, shown by `systemctl status`. Control characters become blanks, and all beyond
    /// 1,024 bytes is cut off, because the manager drops messages of more than 4,096 bytes whole.
    case status(String)
    /// The service is alive; due at least once in ``ServiceManager/watchdogInterval``.
    case watchdog
    /// The start or stop needs this much more time from now on, rounded down to microseconds, at least one.
    case extendTimeout(Duration)
}

extension ServiceState {
    /// A reload begins now.
    public static var reloadingNow: ServiceState {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return .reloading(monotonicMicroseconds: UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000)
    }

    private static let longestStatus = 1_024

    /// Its line of the message, or lines.
    var assignment: String {
        switch self {
        case .ready: "READY=1"
        case .reloading(let moment): "RELOADING=1\nMONOTONIC_USEC=\(moment)"
        case .stopping: "STOPPING=1"
        case .status(let text): "STATUS=\(Self.oneLine(text))"
        case .watchdog: "WATCHDOG=1"
        case .extendTimeout(let time): "EXTEND_TIMEOUT_USEC=\(Self.microseconds(time))"
        }
    }

    /// A line feed would begin the next assignment, a null character end the message. Whole scalars are kept.
    private static func oneLine(_ text: String) -> String {
        var line = String.UnicodeScalarView()
        var length = 0
        for scalar in text.unicodeScalars {
            let shown = scalar.properties.generalCategory == .control ? " " : scalar
            length += UTF8.width(shown)
            guard length <= longestStatus else { break }
            line.append(shown)
        }
        return String(line)
    }

    /// Zero would mean "no time left at all".
    private static func microseconds(_ time: Duration) -> Int64 {
        let (seconds, attoseconds) = time.components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow else { return seconds < 0 ? 1 : .max }
        let (sum, sumOverflow) = whole.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        return sumOverflow ? .max : max(1, sum)
    }
}
