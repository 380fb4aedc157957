import Activity
import NIOCore
import TestServers
import Testing

@testable import Endpoint

/// Behind a real nginx that nobody has tuned: it speaks HTTP/1.0 and opens a connection for each request.
@Suite("Behind nginx", .timeLimit(.minutes(2)))
struct ProxyTests {
    private static let size = 1 << 20
    private static let snapshot = Fixture.snapshot(withDocumentsOf: size)

    private static func throughNginx(
        _ server: TestServer,
        _ directives: String = "",
        _ body: @Sendable (SocketAddress) async throws -> Void,
    ) async throws {
        let port = try #require(try await server.endpoint.localAddress.port)
        try await NginxServer.with(passingTo: "127.0.0.1:\(port)", directives) { nginx in
            try await body(try SocketAddress(ipAddress: "127.0.0.1", port: nginx.port))
        }
    }

    @Test
    func aDocumentOfAMegabyteArrivesWhole() async throws {
        try await TestServer.with(Self.snapshot) { server in
            let direct = try await server.get("/api/activity/collections")
            #expect(direct.body.count > Self.size)
            try await Self.throughNginx(server) { address in
                for _ in 1...5 {
                    let proxied = try await TestConnection.with(address) {
                        try await $0.get("/api/activity/collections")
                    }
                    #expect(proxied.status == 200)
                    #expect(proxied.body == direct.body)
                    #expect(proxied["ETag"] == direct["ETag"])
                }
            }
        }
    }

    @Test
    func itsClientReadsConditionallyCompressedAndInAnyMethod() async throws {
        try await TestServer.with(Self.snapshot) { server in
            try await Self.throughNginx(server) { address in
                try await TestConnection.with(address) { connection in
                    let target = "/api/activity/collections"
                    let compressed = try await connection.get(target, "Accept-Encoding: gzip")
                    #expect(compressed["Content-Encoding"] == "gzip")
                    let tag = try #require(compressed["ETag"])
                    let again = try await connection.get(target, "Accept-Encoding: gzip", "If-None-Match: \(tag)")
                    #expect(again.status == 304)
                    #expect(try await connection.get(target, method: "HEAD").status == 200)
                    #expect(try await connection.get("/nothing").status == 404)
                    #expect(try await connection.get("/api/cache/warm", method: "POST").status == 200)
                }
            }
        }
    }

    @Test
    func whatItAppendsIsTheClient() async throws {
        let rules = AccessRules.with { _ = $0.proxies.proxies.add("127.0.0.1") }
        try await TestServer.with(Self.snapshot, configure: { $0.rules = rules }) { server in
            let append = "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"
            try await Self.throughNginx(server, append) { address in
                _ = try await TestConnection.with(address, from: "127.0.0.2") {
                    try await $0.get("/livez", "X-Forwarded-For: 192.0.2.9")
                }
            }
            #expect(server.seen.map(\.client.description) == ["127.0.0.2"])
        }
    }
}
