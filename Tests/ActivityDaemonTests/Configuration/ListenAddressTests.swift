import Testing

@testable import ActivityDaemon

@Suite struct ListenAddressTests {
    @Test(
        arguments: [
            ("127.0.0.1:3000", "127.0.0.1", 3000, true), ("127.9.8.7:1", "127.9.8.7", 1, true),
            ("[::1]:3000", "::1", 3000, true), ("[::ffff:127.0.0.1]:80", "::ffff:127.0.0.1", 80, true),
            ("localhost:0", "localhost", 0, true), ("LocalHost:65535", "LocalHost", 65_535, true),
            ("0.0.0.0:3000", "0.0.0.0", 3000, false), ("[::]:3000", "::", 3000, false),
            ("[2001:db8::1]:80", "2001:db8::1", 80, false), ("[::ffff:10.0.0.1]:80", "::ffff:10.0.0.1", 80, false),
            ("10.0.0.1:3000", "10.0.0.1", 3000, false), ("node-1.example.org:3000", "node-1.example.org", 3000, false),
            ("localhost.example.org:1", "localhost.example.org", 1, false), ("db_1:1", "db_1", 1, false),
        ]
    )
    func accepts(_ text: String, _ host: String, _ port: Int, _ isLoopback: Bool) throws {
        let address = try #require(ListenAddress(text))
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.isLoopback == isLoopback)
        #expect(address.description == text)
    }

    @Test(arguments: [
        "", ":", "3000", ":3000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:+1", "127.0.0.1:-1",
        "127.0.0.1:65536",
        "127.0.0.1:3000:1", "::1:3000", "[::1]", "[::1]3000", "[127.0.0.1]:1", "[]:1", "[::1%lo]:1", "[localhost]:1",
        "*:3000",
        "0:3000", "127.1:3000", "1.2.3.4.5:1", "256.0.0.1:1", "0x7f.1:1", "-a:1", "a..b:1", ".:1", "a b:1",
        "http://a:1", "é:1",
        "127.0.0.1:99999999999999999999", "unix:/run/a.sock",
    ])
    func refuses(_ text: String) {
        #expect(ListenAddress(text) == nil)
    }

    @Test func theRefusalSaysWhatIsAccepted() throws {
        #expect(
            try ConfigurationFixture(flags: ["http.listen": ":3000"]).problems() == [
                "command line: http.listen: refused \":3000\"; accepted: host:port or [IPv6 address]:port, "
                    + "such as 127.0.0.1:3000, with a port from 1 to 65535 or 0 for any free one, or unix: and the "
                    + "absolute path of a socket, such as unix:/run/activityd/http.sock"
            ]
        )
    }
}
