import Dispatch

extension PostgresConnection {
    /// What the caller grants beyond the deadline, so that the more telling error of the attempt itself comes first.
    private static let grace = Duration.milliseconds(250)

    /// Opens a connection.
    ///
    /// - Parameter configuration: where to, and how long it may take.
    /// - Returns: a connection that can be used at once.
    /// - Throws: `PostgresError` with code `connectionFailed`, `timedOut`, `cancelled` or, for a connection string that
    ///   cannot be understood, `misuse`.
    public static func connect(_ configuration: PostgresConfiguration) async throws -> PostgresConnection {
        let connection = try PostgresConnection()
        let outcome = FirstOutcome()
        // Unstructured: libpq calls getaddrinfo, which nothing can interrupt. An attempt that hangs there is left behind
        // and closes its connection when it ends, for nobody else refers to it.
        let attempt = Task {
            do {
                try await connection.open(configuration)
                outcome.resolve(.success(()))
            } catch {
                outcome.resolve(.failure(error))
            }
        }
        giveUp(outcome, after: configuration.connectTimeout + grace)
        try await withTaskCancellationHandler {
            try await outcome.wait()
        } onCancel: {
            attempt.cancel()
            outcome.resolve(.failure(PostgresError(.cancelled, "connecting was cancelled")))
        }
        return connection
    }

    private static func giveUp(_ outcome: FirstOutcome, after duration: Duration) {
        // A day at most, so that no sum overflows.
        let milliseconds = Int(min(duration.milliseconds(rounding: .up), 86_400_000))
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(milliseconds)) {
            outcome.resolve(.failure(PostgresError(.timedOut, "connecting took longer than the time allowed")))
        }
    }
}
