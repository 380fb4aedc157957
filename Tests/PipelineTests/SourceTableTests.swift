import Pipeline
import PostgresClient
import Testing

struct SourceTableTests {
    @Test(arguments: ActivityDatabase.DirectusVersion.allCases)
    func acceptsTheTableOfEveryVersion(version: ActivityDatabase.DirectusVersion) async throws {
        try await check(ActivityDatabase(version))
    }

    @Test func ignoresColumnsThatForksAdd() async throws {
        let database = try await ActivityDatabase()
        try await database.execute("ALTER TABLE directus_activity ADD COLUMN tenant uuid, ADD COLUMN \"batch\" int")
        try await check(database)
        try await database.execute(
            "INSERT INTO directus_activity (action, collection, item, \"batch\") VALUES ('create', 'a', 'x', 7)"
        )
        #expect(try await database.feed() == 1)
    }

    @Test(arguments: [
        ("DROP TABLE directus_activity CASCADE", "table \"public\".directus_activity does not exist"),
        ("ALTER TABLE directus_activity DROP COLUMN ip", "has no column \"ip\""),
        ("ALTER TABLE directus_activity ALTER COLUMN \"user\" TYPE text", "column \"user\" of"),
        ("ALTER TABLE directus_activity ALTER COLUMN \"timestamp\" TYPE timestamp", "timestamp with time zone"),
    ])
    func namesWhatIsWrong(change: String, message: String) async throws {
        let database = try await ActivityDatabase()
        try await database.execute(change)
        await #expect {
            try await check(database)
        } throws: { error in
            error is SourceTableError && "\(error)".contains(message)
        }
    }

    @Test func namesTheMissingGrant() async throws {
        let database = try await ActivityDatabase()
        try await database.execute("DROP ROLE IF EXISTS no_reader; CREATE ROLE no_reader LOGIN")
        let client = PostgresClient(
            PostgresConfiguration(connectionString: database.connectionString + " user=no_reader")
        )
        await #expect(throws: SourceTableError.notReadable("id", of: "\"public\".directus_activity")) {
            try await client.withConnection { try await SourceTable(database.sql).check($0) }
        }
    }

    private func check(_ database: ActivityDatabase) async throws {
        try await database.client.withConnection { try await SourceTable(database.sql).check($0) }
    }
}
