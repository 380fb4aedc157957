import Foundation
import Testing

@testable import Activity

struct SnapshotTests {
    private static let start = Hour(480_000).start

    @Test func keepsTheRevisionOfADocumentWhoseContentDidNotChange() throws {
        let data = Self.data()
        let first = Snapshot(Self.generation(1), of: data, windows: Windows())
        let second = Snapshot(
            Self.generation(2, after: 10),
            of: data,
            windows: Windows(),
            after: first,
            change: .nothing,
        )
        #expect(second.documents.count == first.documents.count)
        #expect(second.documents.values.allSatisfy { $0.revision == 1 })
    }

    @Test func rendersAnewWhatChanged() throws {
        var data = Self.data()
        let first = Snapshot(Self.generation(1), of: data, windows: Windows())
        data.dimensions.actions.add("delete", code: 2)
        data.cube.replace(
            with: Segment(
                hour: Self.start.hour,
                facts: [Self.fact(user: 1), Self.fact(user: 2), Self.fact(user: 1, action: 2)],
            )
        )
        let second = Snapshot(Self.generation(2), of: data, windows: Windows(), after: first, change: .users([1]))
        #expect(second.documents[.dashboard(days: 7)]?.revision == 2)
        #expect(second.documents[.user(id: "user 1", days: 30)]?.revision == 2)
        #expect(second.documents[.user(id: "user 2", days: 30)]?.revision == 1)
        #expect(second.documents[.hourly(action: "delete")]?.revision == 2)
        #expect(second.documents[.hourly(action: "create")]?.revision == 1)
        #expect(second.documents[.alerts(hours: 1)]?.revision == 1)
    }

    @Test func rendersEverythingAnewWhenAnHourBegins() throws {
        let data = Self.data()
        let first = Snapshot(Self.generation(1), of: data, windows: Windows())
        let next = Self.generation(2, after: 3600)
        let second = Snapshot(next, of: data, windows: Windows(), after: first, change: .nothing)
        #expect(second.documents[.dashboard(days: 7)]?.revision == 2)
        #expect(second.documents[.user(id: "user 2", days: 30)]?.revision == 2)
        #expect(second.documents[.alerts(hours: 1)]?.revision == 1)
    }

    @Test func forgetsUsersWhoLeftTheirWindow() throws {
        let data = Self.data()
        let first = Snapshot(Self.generation(1), of: data, windows: Windows())
        let later = Self.generation(2, after: 31 * 86_400)
        let second = Snapshot(later, of: data, windows: Windows(), after: first, change: .nothing)
        #expect(first.documents[.user(id: "user 1", days: 30)] != nil)
        #expect(second.documents[.user(id: "user 1", days: 30)] == nil)
        let empty = try #require(second.compute(.user(id: "user 1", days: 30)))
        #expect(String(decoding: empty.body(), as: UTF8.self).contains("\"summary\":{\"count\":0,"))
    }

    @Test func countsNothingOfHoursThatHaveNotBegun() throws {
        var data = Self.data()
        let future = Segment(hour: Self.start.hour.advanced(by: 1), facts: [Self.fact(user: 1)])
        data.cube.replace(with: future)
        let snapshot = Snapshot(Self.generation(1), of: data, windows: Windows())
        #expect(try Self.json(snapshot, .dashboard(days: 1)).contains("\"totalActivity\":6"))
        #expect(snapshot.dataThrough == Timestamp(microseconds: Self.start.microseconds + 5))
    }

    @Test func cutsAListByLimitAndByCount() throws {
        let document = try #require(
            Snapshot(Self.generation(1), of: Self.data(), windows: Windows()).documents[.users(days: 7)]
        )
        #expect(Self.rows(document, .prefix(limit: 1, minimum: 1)) == 1)
        #expect(Self.rows(document, .prefix(limit: 50, minimum: 3)) == 2)
        #expect(Self.rows(document, .prefix(limit: 50, minimum: 4)) == 0)
        #expect(Self.rows(document, .prefix(limit: 1000, minimum: 1)) == 2)
    }

    @Test func cutsASeriesToItsNewestHours() throws {
        let snapshot = Snapshot(Self.generation(1), of: Self.data(), windows: Windows())
        let document = try #require(snapshot.documents[.hourly(action: nil)])
        #expect(Self.rows(document, .newest(hours: 24)) == 25)
        let body = String(decoding: document.body(.newest(hours: 24)), as: UTF8.self)
        #expect(body.contains("\"from\":\"\(Self.start.hour.advanced(by: -24).start)\""))
        #expect(
            body.contains("{\"timestamp\":\"\(Self.start)\",\"total\":6,\"uniqueUsers\":2,\"byAction\":{\"create\":6}}")
        )
    }

    @Test func rendersValidDocumentsWithoutAnyData() throws {
        let snapshot = Snapshot(Self.generation(1), of: ActivityData(), windows: Windows())
        for document in snapshot.documents.values {
            #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(document.body())) }
        }
        #expect(try Self.json(snapshot, .dashboard(days: 7)).contains("\"dataThrough\":null"))
    }

    // MARK: - Support

    private static func generation(_ number: Int64, after seconds: Int64 = 0) -> Generation {
        let now = Timestamp(microseconds: start.microseconds + 60_000_000 + seconds * 1_000_000)
        return Generation(number: number, fence: number, computedAt: now)
    }

    private static func fact(user: Int32, action: Int32 = 1) -> Fact {
        Fact(user: user, ip: user, collection: 1, action: action, events: 3, lastOffset: 5)
    }

    private static func data() -> ActivityData {
        var data = ActivityData()
        data.dimensions.collections.add("articles", code: 1)
        data.dimensions.actions.add("create", code: 1)
        for code in 1...2 as ClosedRange<Int32> {
            data.dimensions.users.add("user \(code)", code: code)
            data.dimensions.ips.add("10.0.0.\(code)", code: code)
        }
        data.cube.replace(with: Segment(hour: start.hour, facts: [fact(user: 1), fact(user: 2)]))
        return data
    }

    private static func json(_ snapshot: Snapshot, _ key: DocumentKey) throws -> String {
        String(decoding: try #require(snapshot.documents[key]).body(), as: UTF8.self)
    }

    private static func rows(_ document: Document, _ selection: RowSelection) -> Int? {
        let body = try? JSONSerialization.jsonObject(with: Data(document.body(selection))) as? [String: Any]
        return (body?["data"] as? [Any])?.count
    }
}
