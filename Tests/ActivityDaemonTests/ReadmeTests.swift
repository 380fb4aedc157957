import Foundation
import Testing

@testable import ActivityDaemon

struct ReadmeTests {
    @Test func listsEveryConfigurationKeyAndJob() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
        #expect(readme.contains(ConfigurationKey.reference))
        #expect(readme.contains(ConfigurationKey.jobReference))
        #expect(readme.contains(ConfigurationKey.detectionReference))
    }
}
