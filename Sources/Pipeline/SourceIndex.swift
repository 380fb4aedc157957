import ActivitySQL

/// An index that questions asked of `directus_activity` itself want.
package struct SourceIndex: Sendable, Hashable {
    /// Its name, unless an index that does the same has another.
    package let name: String
    let method: Method
    let keys: [Key]
    /// As PostgreSQL writes it: what `pg_get_expr` answers is compared with it.
    let predicate: String?

    /// How the index is organized.
    enum Method: String, Sendable {
        case btree, brin
    }

    /// A column, smallest or greatest value first; NULLs are where PostgreSQL puts them by itself.
    struct Key: Sendable, Hashable {
        let column: String
        let isDescending: Bool

        static func ascending(_ column: String) -> Key { Key(column: column, isDescending: false) }
        static func descending(_ column: String) -> Key { Key(column: column, isDescending: true) }
    }

    private init(_ name: String, _ method: Method = .btree, on keys: [Key], where predicate: String? = nil) {
        self.name = name
        self.method = method
        self.keys = keys
        self.predicate = predicate
    }

    /// Those that every installation should have.
    package static let wanted = [
        SourceIndex("idx_activity_timestamp_collection", on: [.descending("timestamp"), .ascending("collection")]),
        SourceIndex(
            "idx_activity_user_timestamp",
            on: [.ascending("user"), .descending("timestamp")],
            where: "(\"user\" IS NOT NULL)",
        ),
        SourceIndex(
            "idx_activity_ip_timestamp",
            on: [.ascending("ip"), .descending("timestamp")],
            where: "(ip IS NOT NULL)",
        ),
        SourceIndex("idx_activity_action_collection", on: [.ascending("action"), .ascending("collection")]),
    ]

    /// For very large tables: a few kilobytes that narrow a scan of a long time down to its blocks.
    package static let brin = SourceIndex("idx_activity_timestamp_brin", .brin, on: [.ascending("timestamp")])

    /// Makes the index while the table is in use; `table` is an identifier, and the index goes into its schema.
    package func statement(on table: String) -> String {
        let keys = keys.map { ActivitySQL.identifier($0.column) + ($0.isDescending ? " DESC" : "") }
        let condition = predicate.map { " WHERE \($0)" } ?? ""
        return "CREATE INDEX CONCURRENTLY IF NOT EXISTS \(name) ON \(table) USING \(method) "
            + "(\(keys.joined(separator: ", ")))\(condition)"
    }
}

/// An index of the table as the catalog describes it.
struct ExistingIndex: Sendable {
    var name: String
    var method: String
    var isValid: Bool
    /// Whether it refuses rows, as that of a UNIQUE constraint does.
    var isConstraining: Bool
    var keys: [Key]
    var predicate: String?
    var definition: String

    struct Key: Sendable {
        /// Empty where it is an expression.
        var column: String
        /// The bits of `pg_index.indoption`: 1 is descending, 2 is NULLs first.
        var options: Int32
        /// Whether it sorts as the column's type and collation do by themselves.
        var sortsNaturally: Bool
    }
}

extension SourceIndex {
    /// Whether an index serves whatever this one would, valid or not.
    ///
    /// A B-tree is read from either end, and further keys behind those wanted do no harm.
    func isServed(by index: ExistingIndex) -> Bool {
        let found = index.keys.prefix(keys.count)
        guard index.method == method.rawValue, index.predicate == predicate, found.count == keys.count,
            found.count == index.keys.count || method == .btree,
            zip(keys, found).allSatisfy({ $0.column == $1.column && $1.sortsNaturally })
        else { return false }
        guard method == .btree else { return true }
        let forward = keys.map { $0.isDescending ? Self.descendingNullsFirst : Self.ascendingNullsLast }
        let backward = keys.map { $0.isDescending ? Self.ascendingNullsLast : Self.descendingNullsFirst }
        return [forward, backward].contains(found.map(\.options))
    }

    private static let ascendingNullsLast: Int32 = 0
    private static let descendingNullsFirst: Int32 = 3
}
