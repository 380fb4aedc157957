import Logging
import ServiceLifecycle

/// Tells the service manager that the daemon stops, at the moment when it begins to. The last of all services, and so the
/// first to learn of it.
struct StopNoticeService: Service {
    let notices: ServiceNotices
    let logger: Logger

    func run() async {
        await withGracefulShutdownHandler {
            // Cancelled where a service has failed, of which its error tells.
            try? await gracefulShutdown()
        } onGracefulShutdown: {
            notices.tell { $0.stop("stopping") }
            logger.notice(KnownMessage.stopping.text)
        }
    }
}
