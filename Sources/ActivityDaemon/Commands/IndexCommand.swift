import ActivitySQL
import Pipeline
import PostgresClient

/// `activityd migrate --indexes`: builds the indexes of Directus's table that are missing.
package struct IndexCommand: Sendable {
    private let configuration: DaemonConfiguration
    private let includesBRIN: Bool

    /// How the indexes are, and what was done.
    package struct Report: Sendable, Encodable {
        /// How it is about one index.
        package struct Index: Sendable, Encodable {
            /// The name that it should have.
            package var name: String
            /// `built`, `present`, `missing`, `under way` or `refused`.
            package var state: String
            /// The name that it has, what is in its way, or nothing.
            package var detail: String
        }

        /// Every index that is wanted.
        package var indexes: [Index] = []
        /// Why some of them were not built.
        package var refusals: [String] = []
        /// What the table's owner has to run where the daemon's role may not.
        package var statements: [String] = []
        /// Whether the table is so large that `--brin` is worth while.
        package var offersBRIN = false
        /// What the program ends with.
        package var exitCode = ExitStatus.success.rawValue
    }

    /// A command for a configuration.
    package init(_ configuration: DaemonConfiguration, includesBRIN: Bool = false) {
        self.configuration = configuration
        self.includesBRIN = includesBRIN
    }

    /// Says what is missing, and builds it.
    ///
    /// - Parameters:
    ///   - onlyCheck: changes nothing.
    ///   - progress: told each second how far it is.
    /// - Returns: how the indexes are then.
    /// - Throws: `SourceTableError`, `PostgresError`.
    package func run(onlyCheck: Bool, progress: @escaping @Sendable (String) -> Void = { _ in }) async throws -> Report
    {
        let sql = ActivitySQL(schema: configuration.database.schema, source: configuration.directus.schema)
        let postgres = PostgresClient(configuration.postgres)
        let indexes = SourceIndexes(postgres, sql) { observation in
            if case .progress(let state?) = observation { progress("\(state)") }
        }
        var report = Report()
        let built = onlyCheck ? [] : try await build(indexes, &report)
        report.describe(try await indexes.plan(includingBRIN: includesBRIN), built: built, onlyCheck)
        await postgres.close()
        return report
    }

    private func build(_ indexes: SourceIndexes, _ report: inout Report) async throws -> [String] {
        do {
            switch try await indexes.build(includingBRIN: includesBRIN) {
            case .busy:
                report.refuse("another session builds indexes of directus_activity: try again later", .failure)
                return []
            case .done(let built, let refused):
                for refusal in refused { report.refuse("\(refusal)", ExitStatus(refusal)) }
                return built
            }
        } catch let refusal as SourceIndexError {
            report.refuse("\(refusal)", ExitStatus(refusal))
            return []
        }
    }
}

extension IndexCommand.Report {
    fileprivate mutating func refuse(_ reason: String, _ status: ExitStatus) {
        refusals.append(reason)
        exitCode = status.rawValue
    }

    fileprivate mutating func describe(_ plan: SourceIndexPlan, built: [String], _ onlyCheck: Bool) {
        indexes = plan.states.map { index, state in
            Index(index.name, state, isBuilt: built.contains(index.name))
        }
        statements = plan.refusal?.statements.map { $0 + ";" } ?? []
        offersBRIN = plan.offersBRIN
        if onlyCheck, !plan.absent.isEmpty { exitCode = ExitStatus.failure.rawValue }
    }
}

extension IndexCommand.Report.Index {
    fileprivate init(_ name: String, _ state: SourceIndexPlan.State, isBuilt: Bool) {
        self.name = name
        switch state {
        case .present(let found):
            self.state = isBuilt ? "built" : "present"
            detail = found == name ? "" : "as \(found)"
        case .missing(let leftOvers):
            self.state = "missing"
            detail = leftOvers.isEmpty ? "" : "an interrupted build left \(leftOvers.joined(separator: ", "))"
        case .underWay(let session): (self.state, detail) = ("under way", "session \(session)")
        case .nameTaken(let definition): (self.state, detail) = ("refused", "its name is taken by \(definition)")
        }
    }
}
