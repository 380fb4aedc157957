import NIOHTTP1

/// Who may say that it speaks for somebody else.
package struct TrustedProxies: Sendable, Hashable {
    package var proxies = ClientList()
    package var field = ForwardedField.xForwardedFor

    /// Nobody.
    package init() {}

    /// The client behind a connection: from its other end on, the newest hop first, the first that is not trusted.
    ///
    /// What a proxy wrote unreadably ends the walk, for nobody vouches for what stands before it: then the client is
    /// that proxy.
    func client(of headers: HTTPHeaders, from peer: ClientAddress) -> ClientAddress {
        guard proxies.contains(peer) else { return peer }
        var client = peer
        for value in headers[field.rawValue].reversed() {
            for element in value.split(separator: ",", omittingEmptySubsequences: false).reversed() {
                guard let address = field.address(in: element) else { return client }
                client = .ip(address)
                guard proxies.contains(client) else { return client }
            }
        }
        return client
    }
}
