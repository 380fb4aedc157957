import NIOCore
import NIOPosix
import Testing

@testable import Endpoint

@Suite("Numbers of connections", .timeLimit(.minutes(1)))
struct ConnectionLimitTests {
    @Test
    func tooManyInAllAreTurnedAwayWithAWord() async throws {
        try await TestServer.with(configure: { $0.connections = 2 }) { server in
            try await server.connect { first in
                #expect(try await first.get("/livez").status == 200)
                try await server.connect { second in
                    #expect(try await second.get("/livez").status == 200)
                    try await server.connect { third in
                        let response = try await third.response()
                        #expect(response.status == 503)
                        #expect(response["Retry-After"] == "5")
                        #expect(response["Connection"] == "close")
                        #expect(response["Content-Type"] == "application/problem+json")
                        #expect(try response.json["success"] as? Bool == false)
                        #expect(await third.isAtEnd())
                    }
                }
                #expect(try await first.get("/livez").status == 200)
            }
            try await server.waitForRoom()
        }
    }

    @Test
    func tooManyOfOneAddressAreRefused() async throws {
        try await TestServer.with(configure: { $0.connectionsPerAddress = 1 }) { server in
            try await server.connect { first in
                #expect(try await first.get("/livez").status == 200)
                try await server.connect { second in
                    #expect(await second.isAtEnd())
                }
                // Another address of this machine.
                let other = try await TestConnection.with(try await server.endpoint.localAddress, from: "127.0.0.2") {
                    try await $0.get("/livez").status
                }
                #expect(other == 200)
            }
            try await server.waitForRoom()
        }
    }

    @Test
    func trustedProxiesMayHaveAsManyAsTheyNeed() async throws {
        let rules = AccessRules.with { _ = $0.proxies.proxies.add("127.0.0.1") }
        let few = { (configuration: inout EndpointConfiguration) in
            configuration.connectionsPerAddress = 1
            configuration.rules = rules
        }
        try await TestServer.with(configure: few) { server in
            try await server.connect { first in
                let statuses = [try await first.get("/livez").status, try await server.get("/livez").status]
                #expect(statuses == [200, 200])
            }
        }
    }
}

extension TestServer {
    /// Returns once a connection is served again; the server learns a little later than we that another one ended.
    fileprivate func waitForRoom() async throws {
        while (try? await get("/livez").status) != 200 {}
    }
}
