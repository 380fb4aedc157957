import Foundation
import Testing

@testable import ActivityDaemon

struct ProgramVersionTests {
    @Test func isThatOfTheChangelog() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let changelog = try String(contentsOf: root.appending(path: "deploy/debian/changelog"), encoding: .utf8)
        #expect(changelog.hasPrefix("activityd (\(ProgramVersion.current)) "))
    }
}
