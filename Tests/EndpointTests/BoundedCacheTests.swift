import Testing

@testable import Endpoint

@Suite("Bounded cache")
struct BoundedCacheTests {
    @Test
    func theOneNotUsedForLongestGoesFirst() {
        var cache = BoundedCache<String, Int>(maximumCount: 2, maximumCost: 100)
        cache.insert(1, for: "a", cost: 1)
        cache.insert(2, for: "b", cost: 1)
        #expect(cache.value(for: "a") == 1)
        cache.insert(3, for: "c", cost: 1)
        #expect(cache.value(for: "b") == nil)
        #expect(cache.value(for: "a") == 1)
        #expect(cache.value(for: "c") == 3)
    }

    @Test
    func asManyGoAsTheCostDemands() {
        var cache = BoundedCache<Int, Int>(maximumCount: 100, maximumCost: 10)
        for key in 1...5 { cache.insert(key, for: key, cost: 2) }
        cache.insert(6, for: 6, cost: 5)
        #expect((1...6).map { cache.value(for: $0) } == [nil, nil, nil, 4, 5, 6])
        #expect(cache.cost == 9)
    }

    @Test
    func whatCostsTooMuchIsNotKept() {
        var cache = BoundedCache<Int, Int>(maximumCount: 100, maximumCost: 10)
        cache.insert(1, for: 1, cost: 10)
        cache.insert(2, for: 1, cost: 11)
        #expect(cache.count == 0)
        #expect(cache.cost == 0)
    }

    @Test
    func aNewValueReplacesTheOldWithItsCost() {
        var cache = BoundedCache<Int, Int>(maximumCount: 2, maximumCost: 10)
        cache.insert(1, for: 1, cost: 9)
        cache.insert(2, for: 1, cost: 3)
        #expect(cache.value(for: 1) == 2)
        #expect(cache.cost == 3)
    }

    @Test
    func filteringKeepsTheCostRight() {
        var cache = BoundedCache<Int, Int>(maximumCount: 10, maximumCost: 100)
        for key in 1...4 { cache.insert(key, for: key, cost: key) }
        cache.filter { key, _ in key.isMultiple(of: 2) }
        #expect(cache.count == 2)
        #expect(cache.cost == 6)
        cache.removeAll()
        #expect(cache.cost == 0)
    }
}
