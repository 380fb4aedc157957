import ActivitySQL

/// How the indexes of `directus_activity` are, and what is to be done about those that are missing.
package struct SourceIndexPlan: Sendable {
    /// What is known of the table.
    struct Table: Sendable {
        /// Schema and name, in quotes.
        var identifier: String
        /// Its schema, in quotes.
        var schema: String
        var owner: String
        /// The role that asks.
        var role: String
        var roleIsOwner: Bool
        var roleMayCreate: Bool
        /// As the statistics estimate them.
        var rows: Double
    }

    let table: Table
    let indexes: [ExistingIndex]
    /// What has the name of a wanted index and is none of this table.
    let strangers: [String: String]
    /// A session that builds or removes an index of the table.
    package let builder: Int32?
    let includesBRIN: Bool

    /// How it is about one index.
    package enum State: Sendable, Hashable {
        /// It is there, or one that does the same under another name.
        case present(name: String)
        /// It is not there; what interrupted builds left has to go first.
        case missing(leftOvers: [String])
        /// Somebody is building it.
        case underWay(session: Int32)
        /// Something else has its name.
        case nameTaken(by: String)
    }

    /// From so many rows on a BRIN index is worth offering.
    private static let largeTable = 10_000_000.0

    /// Every index that is wanted, with how it is.
    package var states: [(index: SourceIndex, state: State)] {
        (SourceIndex.wanted + (includesBRIN ? [.brin] : [])).map { ($0, state(of: $0)) }
    }

    /// The names of those that nothing serves yet.
    package var absent: [String] {
        states.filter { if case .present = $0.state { false } else { true } }.map(\.index.name)
    }

    /// Whether the table is so large that the BRIN index is worth having, and it has none.
    package var offersBRIN: Bool {
        guard !includesBRIN, table.rows >= Self.largeTable, case .missing = state(of: .brin) else { return false }
        return true
    }

    /// What makes the plan empty, for whoever may run it.
    package var statements: [String] {
        missing.flatMap { index, leftOvers in leftOvers.map(removal) + [index.statement(on: table.identifier)] }
    }

    var missing: [(index: SourceIndex, leftOvers: [String])] {
        states.compactMap { index, state in
            if case .missing(let leftOvers) = state { (index, leftOvers) } else { nil }
        }
    }

    var takenNames: [SourceIndexError] {
        states.compactMap { index, state in
            if case .nameTaken(let definition) = state { .nameTaken(index.name, by: definition) } else { nil }
        }
    }

    func removal(of leftOver: String) -> String {
        "DROP INDEX CONCURRENTLY IF EXISTS \(table.schema).\(ActivitySQL.identifier(leftOver))"
    }

    /// Why the server would refuse the role what is missing.
    package var refusal: SourceIndexError? {
        guard !missing.isEmpty else { return nil }
        guard table.roleIsOwner else {
            return .notOwner(table.role, of: table.identifier, owner: table.owner, statements)
        }
        return table.roleMayCreate ? nil : .mayNotCreate(table.role, in: table.schema, statements)
    }

    private func state(of wanted: SourceIndex) -> State {
        if let index = indexes.first(where: { $0.isValid && wanted.isServed(by: $0) }) {
            return .present(name: index.name)
        }
        let leftOvers = indexes.filter { index in
            !index.isValid && !index.isConstraining && (index.name == wanted.name || wanted.isServed(by: index))
        }.map(\.name)
        if !leftOvers.isEmpty, let builder { return .underWay(session: builder) }
        if !leftOvers.contains(wanted.name), let taken = definition(of: wanted.name) { return .nameTaken(by: taken) }
        return .missing(leftOvers: leftOvers)
    }

    private func definition(of name: String) -> String? {
        indexes.first { $0.name == name }?.definition ?? strangers[name]
    }
}

/// Why an index is not built.
package enum SourceIndexError: Error, Equatable, CustomStringConvertible {
    /// Only a table's owner may; the statements are for it.
    case notOwner(String, of: String, owner: String, [String])
    /// The owner may not put anything into the table's schema.
    case mayNotCreate(String, in: String, [String])
    /// Something else has the name.
    case nameTaken(String, by: String)

    /// What somebody else has to run; empty where that would not help.
    package var statements: [String] {
        switch self {
        case .notOwner(_, _, _, let statements), .mayNotCreate(_, _, let statements): statements
        case .nameTaken: []
        }
    }

    package var description: String {
        switch self {
        case .notOwner(let role, let table, let owner, _):
            "role \"\(role)\" does not own \(table): let \"\(owner)\" run the statements that "
                + "'activityd migrate --indexes' prints"
        case .mayNotCreate(let role, let schema, _):
            "role \"\(role)\" may not create an index in schema \(schema): GRANT CREATE ON SCHEMA \(schema) "
                + "TO \(ActivitySQL.identifier(role)), or let an administrator run the statements that "
                + "'activityd migrate --indexes' prints"
        case .nameTaken(let name, let definition):
            "\(name) is the name of something else, which has to be renamed or removed first: \(definition)"
        }
    }
}
