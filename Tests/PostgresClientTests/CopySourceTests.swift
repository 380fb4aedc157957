import Testing

@testable import PostgresClient

@Suite struct CopySourceTests {
    @Test(arguments: [
        ("activity", "TABLE activity"), (" cron.job ; ", "TABLE cron.job"),
        ("\"od d\".\"t;\"", "TABLE \"od d\".\"t;\""),
        ("SELECT 1", "SELECT 1"), ("SELECT 1;\n;", "SELECT 1"), ("TABLE x", "TABLE x"), ("VALUES (1)", "VALUES (1)"),
    ])
    func tellsATableFromAQuery(source: String, query: String) {
        #expect(CopySource.query(source) == query)
    }
}
