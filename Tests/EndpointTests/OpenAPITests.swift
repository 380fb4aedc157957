import Foundation
import NIOHTTP1
import Testing

@testable import Endpoint

@Suite("OpenAPI", .timeLimit(.minutes(1)))
struct OpenAPITests {
    static func document() async throws -> [String: Any] {
        try await TestServer.with { try await $0.get("/openapi.json") }.json
    }

    static func operation(_ route: Route) async throws -> [String: Any] {
        let paths = try #require(try await document()["paths"] as? [String: [String: [String: Any]]])
        return try #require(paths[route.openAPIPath]?[route.openAPIMethod])
    }

    @Test
    func describesEveryRouteAndNothingElse() async throws {
        let paths = try #require(try await Self.document()["paths"] as? [String: [String: Any]])
        #expect(Set(paths.keys) == Set(Route.allCases.map(\.openAPIPath)))
        for route in Route.allCases {
            #expect(paths[route.openAPIPath].map { Array($0.keys) } == [route.openAPIMethod])
        }
    }

    /// What the server itself names as accepted. The page leaves its parameters to its script.
    @Test(arguments: Route.allCases.filter { $0 != .page })
    func declaresTheParametersThatAreAccepted(_ route: Route) async throws {
        guard !route.takesBody else { return }
        let path = MethodTests.path(route)
        let response = try await TestServer.with {
            try await $0.get("\(path)?nonsense=1", method: route.method.rawValue)
        }
        #expect(response.status == 400)
        let detail = try #require(response.json["detail"] as? String)
        let accepted = detail.split(separator: "accepted: ").last.map { $0.split(separator: ", ").map(String.init) }
        let parameters = try await Self.operation(route)["parameters"] as? [[String: Any]] ?? []
        let declared = parameters.filter { $0["in"] as? String == "query" }.compactMap { $0["name"] as? String }
        #expect((declared.isEmpty ? ["no parameters"] : declared) == accepted)
    }

    /// The bounds in the description are those of the server: at them it answers, beyond them it refuses.
    @Test(arguments: Route.allCases)
    func declaresTheBoundsThatHold(_ route: Route) async throws {
        let path = MethodTests.path(route)
        try await TestServer.with { server in
            for parameter in route.parameters where route != .alertStream {
                guard case .integer(let range, _) = parameter.kind else { continue }
                for value in [range.lowerBound, range.upperBound] {
                    let response = try await server.get("\(path)?\(parameter.name)=\(value)")
                    #expect(response.status == 200)
                }
                let below = try await server.get("\(path)?\(parameter.name)=\(range.lowerBound - 1)")
                #expect(below.status == 400)
                guard range.upperBound < .max else { continue }
                #expect(try await server.get("\(path)?\(parameter.name)=\(range.upperBound + 1)").status == 400)
            }
        }
    }

    @Test
    func givesEveryOperationItsOwnName() async throws {
        let paths = try #require(try await Self.document()["paths"] as? [String: [String: [String: Any]]])
        let names = paths.values.flatMap(\.values).compactMap { $0["operationId"] as? String }
        #expect(names.count == Route.allCases.count)
        #expect(Set(names).count == names.count)
    }

    @Test
    func resolvesEveryReference() async throws {
        let document = try await Self.document()
        let text = OpenAPIDocument.text
        let references = text.matches(of: /"\$ref": "#\/components\/([a-z]+)\/([A-Za-z-]+)"/)
        #expect(references.count > 50)
        let components = try #require(document["components"] as? [String: [String: Any]])
        for reference in references {
            #expect(components[String(reference.1)]?[String(reference.2)] != nil, "\(reference.0)")
        }
        for (kind, members) in components where kind != "securitySchemes" {
            let used = Set(references.filter { $0.1 == kind }.map { String($0.2) })
            #expect(Set(members.keys) == used, "what nobody refers to in \(kind)")
        }
    }

    @Test(arguments: Route.allCases)
    func namesTheScopesThatTokensNeed(_ route: Route) async throws {
        let security = try #require(try await Self.operation(route)["security"] as? [[String: [String]]])
        #expect(security.compactMap { $0["token"] } == (route.scope.map { [[$0.rawValue]] } ?? []))
    }
}
