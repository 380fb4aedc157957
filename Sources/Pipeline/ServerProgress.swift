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
    /// The session whose end it waits for.
    package var waitsFor: Int32?

    package var description: String {
        let share = share.map { ", \(Int($0 * 100)) %" } ?? ""
        let waitsFor = waitsFor.map { ", for session \($0)" } ?? ""
        return "\(command) of \(subject): \(phase)\(share)\(waitsFor)"
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
                    guard let look = try? await look(process, others) else { continue }
                    let (phase, share, waitsFor) = look
                    observe(
                        .progress(
                            ServerProgress(
                                command: command,
                                subject: subject,
                                phase: phase,
                                share: share,
                                waitsFor: waitsFor,
                            )
                        )
                    )
                }
            }
            defer { group.cancelAll() }
            _ = try await connection.query(statement)
        }
    }

    private static func look(_ process: Int32, _ postgres: PostgresClient) async throws -> (String, Double?, Int32?)? {
        let found = try await postgres.query(
            """
            SELECT phase, heap_blks_scanned::float8 / nullif(heap_blks_total, 0), NULL::integer
            FROM pg_stat_progress_vacuum WHERE pid = $1
            UNION ALL
            SELECT phase, sample_blks_scanned::float8 / nullif(sample_blks_total, 0), NULL
            FROM pg_stat_progress_analyze WHERE pid = $1
            UNION ALL
            SELECT phase, CASE WHEN phase NOT LIKE 'waiting %' THEN coalesce(
                    blocks_done::float8 / nullif(blocks_total, 0), tuples_done::float8 / nullif(tuples_total, 0)) END,
                nullif(current_locker_pid, 0)::integer
            FROM pg_stat_progress_create_index WHERE pid = $1
            """,
            [.int4(process)],
        )
        guard found.rowCount > 0 else { return nil }
        return (try found.value(0, 0), try found.value(0, 1), try found.value(0, 2))
    }
}
