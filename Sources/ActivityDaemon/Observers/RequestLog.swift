package import Endpoint
package import Logging

/// Makes log lines of HTTP requests: one for each at debug, and at error for those that failed on our side.
package struct RequestLog: Sendable {
    private let logger: Logger

    /// A log that writes to a logger.
    package init(_ logger: Logger) {
        self.logger = logger
    }

    /// Writes a line about a request.
    package func record(_ request: RequestObservation) {
        let level: Logger.Level = request.failure == nil ? .debug : .error
        guard logger.logLevel <= level else { return }
        var metadata: Logger.Metadata = [
            "http.method": "\(request.method ?? "-")", "http.route": "\(request.route ?? "-")",
            "http.status": "\(request.status)", "http.bytes": "\(request.bytes)",
            "http.client": "\(request.client)",
            "http.seconds": "\(request.duration.secondsText)", "http.requestID": "\(request.requestID)",
        ]
        if let failure = request.failure { metadata["error"] = "\(failure)" }
        logger.log(level: level, "request", metadata: metadata)
    }
}
