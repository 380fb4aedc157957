import PostgresClient

/// How far the server has come with a long statement.
package struct ServerProgress: Sendable, Hashable, CustomStringConvertible {
    /// Its first word.
    package var command: String
    /// The table or index that it works on, in quotes.
    package var subject: String
    /// What the server does now, in its own words.
    package var phase: String
    /// The part of this phase that is done, from 0 to 1; nil where the server does not know.
    package var share: Double?

    package var description: String {
        "\(command) of \(subject): \(phase)" + (share.map { ", \(Int($0 * 100)) %" } ?? "")
    }

    private static let interval = Duration.seconds(1)

    /// Runs a statement on one connection and looks about once a second, on others, how far it is.
    ///
    /// - Throws: what the statement throws.
    static func follow(
        _ statement: String,
        of subject: String,
        on connection: PostgresConnection,
        _ others: PostgresClient,
        _ observe: @escaping @Sendable (PipelineObservation) -> Void,
    ) async throws {
        let command = String(statement.prefix { $0 != " " })
        let process = await connection.processID
        defer { observe(.progress(nil)) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // The server tells nobody when it gets on. Cancelling ends the pause early.
                while (try? await Task.sleep(for: interval)) != nil {
                    // A look that failed is no reason to stop the work.
                    guard let (phase, share) = try? await look(process, others) else { continue }
                    observe(.progress(ServerProgress(command: command, subject: subject, phase: phase, share: share)))
                }
            }
            defer { group.cancelAll() }
            _ = try await connection.query(statement)
        }
    }

    private static func look(_ process: Int32, _ postgres: PostgresClient) async throws -> (String, Double?)? {
        let found = try await postgres.query(
            """
            SELECT phase, heap_blks_scanned::float8 / nullif(heap_blks_total, 0)
            FROM pg_stat_progress_vacuum WHERE pid = $1
            UNION ALL
            SELECT phase, sample_blks_scanned::float8 / nullif(sample_blks_total, 0)
            FROM pg_stat_progress_analyze WHERE pid = $1
            UNION ALL
            SELECT phase, coalesce(
                blocks_done::float8 / nullif(blocks_total, 0), tuples_done::float8 / nullif(tuples_total, 0),
                lockers_done::float8 / nullif(lockers_total, 0))
            FROM pg_stat_progress_create_index WHERE pid = $1
            """,
            [.int4(process)],
        )
        guard found.rowCount > 0 else { return nil }
        return (try found.value(0, 0), try found.value(0, 1))
    }
}
