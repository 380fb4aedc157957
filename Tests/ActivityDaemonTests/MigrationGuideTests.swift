import Foundation
import Testing

@testable import ActivityDaemon

/// `deploy/migration.md`, which operators follow: all that it names exists.
@Suite struct MigrationGuideTests {
    private static let guide: String = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        return (try? String(contentsOf: root.appending(path: "deploy/migration.md"), encoding: .utf8)) ?? ""
    }()

    /// What is between backticks, on one line.
    private static let inlineCode = guide.matches(of: /`([^`\n]+)`/).map { String($0.output.1) }

    /// What is between fences of a language.
    private static func blocks(_ language: String) -> [String] {
        guide.components(separatedBy: "```\(language)\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
    }

    /// A command of the program, as it describes itself.
    private struct Command: Decodable {
        struct Argument: Decodable {
            struct Name: Decodable {
                var name: String
            }

            var names: [Name]?
        }

        var commandName: String
        var subcommands: [Command]?
        var arguments: [Argument]?

        var options: Set<String> {
            Set((arguments ?? []).flatMap { $0.names ?? [] }.map { ($0.name.count == 1 ? "-" : "--") + $0.name })
        }

        /// The words of a command line that are no sub-command or option of this.
        func unknown(in words: [Substring]) -> [Substring] {
            if let word = words.first, let command = subcommands?.first(where: { $0.commandName == word }) {
                return command.unknown(in: Array(words.dropFirst()))
            }
            guard (subcommands ?? []).allSatisfy({ $0.commandName == "help" }) else { return Array(words.prefix(1)) }
            return words.filter { $0.hasPrefix("-") && !options.contains(String($0)) }
        }
    }

    private struct Tool: Decodable {
        var command: Command
    }

    /// Command lines of the program, without what is around them.
    private static let commandLines: [String] = {
        let shell = blocks("sh").flatMap { $0.replacing("\\\n", with: " ").components(separatedBy: "\n") }
        let parts = (shell + inlineCode).flatMap { $0.split(whereSeparator: { "|&;<>()".contains($0) }) }
        return parts.compactMap { part in
            part.firstRange(of: /\bactivityd\s+(?!activityd)[a-z-]/).map { String(part[$0.lowerBound...]) }
        }
    }()

    @Test func namesCommandsThatExist() async throws {
        let dump = try await ProgramRun(["--experimental-dump-help"]).output
        let tool = try JSONDecoder().decode(Tool.self, from: Data(dump.utf8))
        #expect(Self.commandLines.count > 15)
        for line in Self.commandLines {
            let unknown = tool.command.unknown(in: Array(line.split(separator: " ").dropFirst()))
            #expect(unknown == [], "\(line)")
        }
    }

    @Test func namesKeysThatExist() throws {
        let sections = Set(ConfigurationKey.all.compactMap { $0.name.split(separator: ".").first })
        let settings = Self.guide.matches(of: /--set\s+'?([A-Za-z.-]+)=/).map { String($0.output.1) }
        let named = Self.inlineCode.filter { code in
            code.wholeMatch(of: /[a-z]+(\.[a-zA-Z-]+)+/) != nil && sections.contains(code.prefix { $0 != "." })
        }
        #expect(named.count > 10 && settings.count > 3)
        for name in named + settings { #expect(ConfigurationKey.byName[name] != nil, "\(name)") }
        for match in Self.guide.matches(of: /\bACTIVITYD_[A-Z_]+/) {
            #expect(ConfigurationKey.byVariable[String(match.output)] != nil, "\(match.output)")
        }
        #expect(!Self.blocks("yaml").isEmpty)
        for yaml in Self.blocks("yaml") { #expect(try ConfigurationFixture(yaml: yaml).problems() == [], "\(yaml)") }
    }

    @Test func namesVariablesOfThePredecessorThatAreUnderstood() throws {
        let rows = Self.guide.matches(of: /\n\| `([A-Z][A-Z_, `]+)` \| ([^|]*) \|/)
        #expect(rows.count > 5)
        for row in rows {
            let keys = row.output.2.matches(of: /`([a-z.A-Z]+)`/).map { String($0.output.1) }
            for name in row.output.1.matches(of: /[A-Z_]+/).map({ String($0.output) }) {
                let value = name.hasSuffix("PORT") ? "4000" : "x"
                let configuration = try ConfigurationFixture(environment: [name: value]).load()
                if keys.isEmpty {
                    #expect(configuration.notes.contains { $0.contains(name) }, "\(name)")
                } else {
                    #expect(Set(configuration.origins.keys).isSubset(of: keys), "\(name)")
                    #expect(!configuration.origins.isEmpty, "\(name)")
                }
            }
        }
    }
}
