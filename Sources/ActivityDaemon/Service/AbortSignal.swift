import Glibc

/// SIGABRT, by which the service manager ends a daemon that does not feed its watchdog.
package enum AbortSignal {
    /// Lets it end the process with a core, as it does by default.
    ///
    /// Swift's runtime may have installed a handler that prints a backtrace and returns, in the belief that the process
    /// fails at the same instruction again. When somebody else has sent the signal, it does not, and would live on.
    package static func endProcess() {
        signal(SIGABRT, SIG_DFL)
    }
}
