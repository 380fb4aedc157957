import Endpoint

extension ValueKind where Value == Int {
    static var requestsPerMinute: Self { wholeNumber(0...1_000_000) }
}

extension ValueKind where Value == ClientList {
    static var clients: Self {
        ValueKind(
            accepted: "a list of \(ClientList.accepted), [192.0.2.0/24, '2001:db8::1'] in YAML "
                + "and with commas elsewhere",
            isList: true,
            parse: { value throws(RefusedValue) in
                guard case .list(let elements) = value else { throw RefusedValue(value) }
                var clients = ClientList()
                for text in elements where !clients.add(text.trimmed) { throw RefusedValue(text) }
                return clients
            },
            format: \.description,
        )
    }
}

extension ValueKind where Value == CrossOrigin {
    static var origins: Self {
        ValueKind(
            accepted: "a list of \(CrossOrigin.accepted)",
            isList: true,
            parse: { value throws(RefusedValue) in
                guard case .list(let elements) = value else { throw RefusedValue(value) }
                var origins = CrossOrigin()
                for text in elements where !origins.add(text.trimmed) { throw RefusedValue(text) }
                return origins
            },
            format: \.description,
        )
    }
}
