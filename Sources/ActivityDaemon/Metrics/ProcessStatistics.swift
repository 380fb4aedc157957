import Glibc

/// What the kernel knows of this process. See proc(5) and clock_gettime(2).
enum ProcessStatistics {
    /// Version and system of the program.
    static var build: [MetricLabel] {
        [
            MetricLabel(name: "version", value: ProgramVersion.current),
            MetricLabel(name: "configuration", value: isOptimised ? "release" : "debug"),
        ]
    }

    private static var isOptimised: Bool {
        var isDebug = false
        assert(
            {
                isDebug = true; return true
            }()
        )
        return !isDebug
    }

    /// User and system time of all threads.
    static var processorSeconds: Double? {
        var time = timespec()
        guard clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return nil }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Files, sockets and whatever else there is of that kind.
    static var openDescriptors: Double? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count = 0
        while let entry = readdir(directory) {
            if entry.pointee.d_name.0 != CChar(bitPattern: UInt8(ascii: ".")) { count += 1 }
        }
        // One of them is the directory's own.
        return Double(count - 1)
    }

    static var mostDescriptors: Double? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        return limit.rlim_cur == .max ? nil : Double(limit.rlim_cur)
    }
}

extension MetricRegistry {
    /// Adds what the kernel knows of this process.
    mutating func addProcess() {
        let startedAt = Clock.now.seconds
        gauge("process_resident_memory_bytes", "Physical memory") {
            let bytes = ProcessMemory.residentBytes
            return bytes > 0 ? Double(bytes) : nil
        }
        counter("process_cpu_seconds", "Processor time") { ProcessStatistics.processorSeconds }
        gauge("process_open_fds", "Open descriptors") { ProcessStatistics.openDescriptors }
        gauge("process_max_fds", "The most descriptors that may be open") { ProcessStatistics.mostDescriptors }
        gauge("process_start_time_seconds", "When the daemon started") { startedAt }
    }
}
