import Testing

@testable import PostgresClient

@Suite struct PostgresErrorTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let state: String
        let message: String
        let shown: String
        var testDescription: String { "\(state) \(message)" }
    }

    @Test(arguments: [
        Case(state: "22P02", message: "invalid input syntax for type integer: \"secret\"", shown: "integer: …"),
        Case(state: "22P02", message: "ungültige Eingabesyntax für Typ integer: »secret«", shown: "integer: …"),
        Case(state: "22003", message: "value \"secret\" is out of range for type integer", shown: "value …"),
        Case(state: "42601", message: "syntax error at or near \"secret\"", shown: "at or near …"),
        Case(
            state: "42P01",
            message: "relation \"missing\" does not exist",
            shown: "relation \"missing\" does not exist",
        ),
    ])
    func descriptionQuotesNoValuesAndNoSQL(_ example: Case) {
        var fields = PostgresError.ServerFields(sqlState: example.state)
        fields.detail = "Key (name)=(secret) already exists."
        let error = PostgresError(.server, example.message, server: fields)
        for text in [error.description, "\(error)", String(reflecting: error)] {
            #expect(text.hasPrefix("PostgreSQL server \(example.state): "))
            #expect(text.hasSuffix(example.shown))
            #expect(!text.contains("secret"))
        }
        var dumped = ""
        dump(error, to: &dumped)
        #expect(!dumped.contains("secret"))
    }

    @Test(arguments: [
        ("40001", true), ("40P01", true), ("55P03", true), ("57P01", true), ("53300", true), ("57014", true),
        ("08006", true), ("23505", false), ("42601", false), ("22P02", false), ("28P01", false),
    ])
    func serverErrorsAreRetriableByState(state: String, isRetriable: Bool) {
        #expect(PostgresError(.server, "", server: .init(sqlState: state)).isRetriable == isRetriable)
    }

    @Test(arguments: PostgresError.Code.allCases)
    func onlyLossesAndTimeOutsAreRetriableWithoutAState(_ code: PostgresError.Code) {
        let retriable: Set<PostgresError.Code> = [.connectionFailed, .connectionLost, .timedOut]
        #expect(PostgresError(code, "").isRetriable == retriable.contains(code))
    }
}
