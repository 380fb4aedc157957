import Testing

@testable import Activity

struct NetworkTests {
    @Test(arguments: [
        ("192.0.2.77/24", "192.0.2.0/24"), ("192.0.2.77", "192.0.2.77/32"), ("10.1.2.3/0", "0.0.0.0/0"),
        ("2001:db8::1/64", "2001:db8::/64"), ("2001:db8::1", "2001:db8::1/128"), ("::1/0", "::/0"),
        ("::ffff:10.1.2.3/104", "10.0.0.0/8"), ("2001:db8::ffff/113", "2001:db8::8000/113"),
    ])
    func isWrittenWithoutHostBits(_ text: String, _ canonical: String) throws {
        let network = try #require(Network(text))
        #expect(network.description == canonical)
        #expect(Network(canonical) == network)
    }

    @Test(arguments: [
        "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "10/8", "::/129",
        "::ffff:10.0.0.0/95", "10.0.0.0/ 8",
    ])
    func otherTextIsNoNetwork(_ text: String) {
        #expect(Network(text) == nil)
    }

    @Test(
        arguments: [
            ("192.0.2.0/24", "192.0.2.255", true), ("192.0.2.0/24", "192.0.3.0", false),
            ("192.0.2.0/24", "::ffff:192.0.2.9", true), ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "::1", false), ("::/0", "10.0.0.1", false), ("2001:db8::/33", "2001:db8:7fff::1", true),
            ("2001:db8::/33", "2001:db8:8000::1", false),
        ] as [(String, String, Bool)]
    )
    func containsItsOwn(_ network: String, _ address: String, _ isWithin: Bool) throws {
        #expect(try #require(Network(network)).contains(#require(IPAddress(address))) == isWithin)
    }

    @Test func containsSmallerNetworksOnly() throws {
        let wide = try #require(Network("10.0.0.0/8"))
        let narrow = try #require(Network("10.2.0.0/16"))
        #expect(wide.contains(narrow))
        #expect(wide.contains(wide))
        #expect(!narrow.contains(wide))
    }
}
