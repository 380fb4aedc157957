import Testing

@testable import ActivityDaemon

@Suite struct ListenPlaceTests {
    @Test(arguments: ["unix:/run/activityd/http.sock", "unix:/a b", "127.0.0.1:3000"])
    func accepts(_ text: String) throws {
        let place = try #require(ListenPlace(text))
        #expect(place.isLocal)
        #expect(place.description == text)
    }

    @Test(arguments: [
        "unix:", "unix:http.sock", "unix:./a", "unix:/run/", "unix://run/a/", "unix:/\0",
        "unix:/" + String(repeating: "a", count: 107), "UNIX:/a", "/run/http.sock", "0.0.0.0",
    ])
    func refuses(_ text: String) {
        #expect(ListenPlace(text) == nil)
    }

    @Test func othersReachAnAddressOnly() throws {
        #expect(try #require(ListenPlace("0.0.0.0:3000")).isLocal == false)
    }

    @Test func theAdminListenerCanBeSwitchedOff() throws {
        #expect(try ConfigurationFixture().load().http.adminListen?.description == "127.0.0.1:3001")
        #expect(try ConfigurationFixture(flags: ["http.adminListen": ""]).load().http.adminListen == nil)
        #expect(try ConfigurationFixture(yaml: "http:\n  adminListen: ''\n").load().http.adminListen == nil)
    }

    @Test func theAdminListenerIsNotForOthersEither() throws {
        let fixture = try ConfigurationFixture(flags: ["http.adminListen": "0.0.0.0:9"])
        #expect(
            fixture.problems() == [
                "command line: http.adminListen: refused \"0.0.0.0:9\", which other machines reach without a token; "
                    + "accepted: a loopback address such as 127.0.0.1:9, or any with http.tokens or "
                    + "http.allowAnonymous: true"
            ]
        )
    }
}
