import Glibc

/// How many files and sockets the process may have open.
enum DescriptorLimit {
    /// As many as the endpoint may have connections, and plenty for the rest; more would only make tables larger.
    private static let wanted: rlim_t = 16_384

    /// Raises the soft limit as far as the hard one lets it: many systems start services with 1,024.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < wanted else {
            return
        }
        limit.rlim_cur = min(wanted, limit.rlim_max)
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
