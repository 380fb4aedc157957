import Testing

@testable import RedisClient

@Suite struct RedisErrorTests {
    @Test(arguments: [
        ("WRONGTYPE Operation against a key", "WRONGTYPE", "WRONGTYPE Operation against a key"),
        ("ERR unknown command 'sesame', with args beginning with: 'sesame' ", "ERR", "ERR unknown command '…'"),
        ("ERR can't do it", "ERR", "ERR can't do it"),
        ("no prefix at all", "ERR", "no prefix at all"),
        ("ERR value \"sesame\" and `sesame`", "ERR", "ERR value '…' and '…'"),
        ("ERR unclosed 'sesame", "ERR", "ERR unclosed '…'"),
        ("ERR two\u{1B}[31mlines", "ERR", "ERR two [31mlines"),
        ("", "ERR", ""),
    ])
    func serverTextKeepsNoValues(text: String, prefix: String, kept: String) {
        let error = RedisError.server(text, command: "GET")
        #expect(error.code == .server(prefix: prefix))
        #expect(error.message == "GET was refused by the server: \(kept)")
        #expect(!error.description.contains("sesame"))
    }

    @Test func longServerTextIsCut() {
        let error = RedisError.server(String(repeating: "X", count: 100_000), command: "GET")
        #expect(error.description.utf8.count < 400)
    }

    @Test(arguments: [
        (RedisError.Code.notConnected, true), (.connectionFailed, true), (.connectionLost, true), (.timedOut, true),
        (.server(prefix: "LOADING"), true), (.server(prefix: "OOM"), true), (.server(prefix: "WRONGTYPE"), false),
        (.authenticationFailed, false), (.cancelled, false), (.protocolViolation, false), (.invalidURL, false),
        (.subscriberTooSlow, false),
    ])
    func knowsWhatMayPass(code: RedisError.Code, isRetriable: Bool) {
        #expect(RedisError(code: code, message: "").isRetriable == isRetriable)
    }
}
