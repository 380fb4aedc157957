import Activity
import Testing

@testable import Detection

struct SurroundingNetworkTests {
    @Test(arguments: [
        ("203.0.113.77", "203.0.113.0/24"), ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6%eth0", "2001:db8:1:2::/64"),
    ])
    func surroundsAnAddress(_ address: String, _ network: String) throws {
        #expect(try Network.surrounding(#require(IPAddress(address))).description == network)
    }
}
