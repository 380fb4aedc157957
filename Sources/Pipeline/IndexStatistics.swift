import ActivitySQL
import PostgresClient

/// What PostgreSQL knows of an index, and whether that calls for a rebuild.
struct IndexStatistics: Sendable {
    /// Schema and name, in quotes.
    var index: String
    /// That of its table.
    var table: String
    var pages: Int64 = 0
    /// Pages that its entries would fill; nil where nobody knows.
    var expectedPages: Int64?
    /// For people.
    var size = ""
    var isValid = true
    /// An interrupted rebuild made it.
    var isLeftOver = false

    /// Smaller ones are in memory anyway.
    private static let fewestPages: Int64 = 1_024
    /// A B-tree that grew at random is 31 % air already, of which 10 are meant to be.
    private static let leastBloat = 0.4

    /// Why a rebuild pays, if it does.
    var reason: String? {
        guard !isLeftOver else { return nil }
        guard isValid else { return "invalid" }
        guard pages >= Self.fewestPages, let expectedPages else { return nil }
        let bloat = 1 - Double(expectedPages) / Double(pages)
        return bloat >= Self.leastBloat ? "\(Int(bloat * 100)) % of \(size) is air" : nil
    }

    /// The statistics of every index that the role may rebuild.
    ///
    /// - Throws: `PostgresError`.
    static func all(_ sql: ActivitySQL, _ connection: PostgresConnection) async throws -> [IndexStatistics] {
        try await connection.query(sql.indexStatistics, [.text(sql.schema), .text(sql.sourceTable)]).map { row in
            IndexStatistics(
                index: try row.value(0),
                table: try row.value(1),
                pages: try row.value(2),
                expectedPages: try row.value(3),
                size: try row.value(4),
                isValid: try row.value(5),
                isLeftOver: try row.value(6),
            )
        }
    }
}
