import Foundation
import Testing

@testable import ActivityDaemon

/// `deploy/activityd.env.example`, which operators copy.
@Suite struct EnvironmentExampleTests {
    private static func example() throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
        return try String(contentsOf: root.appending(path: "deploy/activityd.env.example"), encoding: .utf8)
    }

    /// Its settings, which are comments without a blank after the sign.
    private static func settings() throws -> [String] {
        try example().split(separator: "\n").filter { $0.hasPrefix("#") && $0.contains(/^#[A-Z_]+=/) }
            .map { String($0.dropFirst()) }
    }

    @Test func changesNothingAsItStands() throws {
        #expect(try ConfigurationFixture(dotEnv: Self.example()).load() == DaemonConfiguration())
    }

    @Test func namesOnlyWhatIsKnownWithValuesThatAreAccepted() throws {
        let ours = try Self.settings().filter { $0.hasPrefix(ConfigurationKey.variablePrefix) }
        #expect(ours.count > 10)
        for setting in ours {
            let name = try #require(setting.split(separator: "=").first.map(String.init))
            #expect(ConfigurationKey.byVariable[name] != nil, "\(name)")
        }
        #expect(try ConfigurationFixture(dotEnv: ours.joined(separator: "\n")).problems() == [])
    }

    @Test func namesVariablesOfThePredecessorThatAreUnderstood() throws {
        let theirs = try Self.settings().filter { !$0.hasPrefix(ConfigurationKey.variablePrefix) }
        let configuration = try ConfigurationFixture(dotEnv: theirs.joined(separator: "\n")).load()
        #expect(configuration.database.url == "host='127.0.0.1' port='5432' user='activityd' dbname='directus'")
        #expect(configuration.redis.url == "redis://127.0.0.1:6379")
        #expect(configuration.http.listen.description == "127.0.0.1:3000")
        #expect(configuration.notes.count == 1, "\(configuration.notes)")
    }
}
