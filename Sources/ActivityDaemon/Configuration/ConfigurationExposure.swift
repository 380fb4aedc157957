/// Looks for addresses that others reach, without anything that keeps them out.
struct ConfigurationExposure {
    private let configuration: DaemonConfiguration
    private let refusedKeys: Set<String>

    init(_ configuration: DaemonConfiguration, refusedKeys: Set<String>) {
        self.configuration = configuration
        self.refusedKeys = refusedKeys
    }

    /// What is wrong. Silent about what was refused anyway.
    var problems: [ConfigurationProblem] {
        let http = configuration.http
        guard !http.allowAnonymous, http.tokens.isEmpty,
            refusedKeys.isDisjoint(with: ["http.allowAnonymous", "http.tokens"])
        else { return [] }
        return [("http.listen", http.listen), ("http.adminListen", http.adminListen)].compactMap { key, place in
            guard case .address(let address) = place, !address.isLoopback, !refusedKeys.contains(key) else {
                return nil
            }
            return problem(key, address)
        }
    }

    private func problem(_ key: String, _ address: ListenAddress) -> ConfigurationProblem {
        ConfigurationProblem(
            origin: configuration.origins[key] ?? .builtIn,
            key: key,
            reason: .refused(
                value: RefusedValue(address.description).description + ", which other machines reach without a token",
                accepted:
                    "a loopback address such as 127.0.0.1:\(address.port), "
                    + "or any with http.tokens or http.allowAnonymous: true",
            ),
        )
    }
}
