import Activity
import Testing

@testable import Detection

struct KeyedTableTests {
    private func sighting(_ second: Int) -> Sighting {
        Sighting(at: Timestamp(seconds: Int64(second)), id: Int64(second))
    }

    @Test func theKeysUsedLongestAgoAreEvicted() {
        var table = KeyedTable<Sightings>(detector: "d", limit: 100)
        for key in 1...100 { table.update("\(key)") { $0.insert(sighting(key), capacity: 8) } }
        table.update("1") { $0.insert(sighting(1000), capacity: 8) }
        _ = table.takeChanges()
        table.update("101") { $0.insert(sighting(101), capacity: 8) }
        #expect(table.count == 90)
        #expect(table["1"] != nil && table["101"] != nil && table["2"] == nil)
        #expect(table.takeChanges().filter { $0.state == nil }.count == 11)
    }

    @Test func aFloodKeepsToItsCapacity() {
        var sightings = Sightings()
        for second in 1...10_000 { sightings.insert(sighting(second), capacity: 128) }
        #expect((128...160).contains(sightings.all.count))
        #expect(sightings.lastUsed == Timestamp(seconds: 10_000))
    }

    @Test func aFloodOfOneTagDoesNotHideTheOthers() {
        var sightings = Sightings()
        for second in 1...5_000 {
            var sighting = sighting(second)
            sighting.tag = second <= 20 ? UInt32(second) : 0
            sightings.insert(sighting, capacity: 128, .oldestRepeated)
        }
        #expect(Set(sightings.all.map(\.tag)).count == 21)
        #expect(sightings.all.count <= 160)
    }
}
