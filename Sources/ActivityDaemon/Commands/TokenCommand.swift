package import Endpoint

/// Makes a token.
package struct TokenCommand: Sendable {
    private let id: String
    private let scopes: Set<AccessScope>

    /// What is made, shown once and kept nowhere.
    package struct Report: Sendable, Hashable, Encodable {
        /// Who holds it.
        package var id: String
        /// What it allows.
        package var scopes: [String]
        /// The token itself, for `Authorization: Bearer`.
        package var token: String
        /// What to add to `http.tokens`.
        package var configuration: String
    }

    /// A command for somebody, with at least one scope.
    package init(id: String, scopes: Set<AccessScope>) {
        precondition(!scopes.isEmpty, "a token without scopes allows nothing")
        self.id = id
        self.scopes = scopes
    }

    /// - Returns: nil when the id is not among ``Endpoint/AccessToken/acceptedID``.
    package func run() -> Report? {
        var generator = SystemRandomNumberGenerator()
        guard let token = AccessToken(newFor: id, using: &generator) else { return nil }
        return Report(
            id: id,
            scopes: AccessScope.allCases.filter(scopes.contains).map(\.rawValue),
            token: token.text,
            configuration: token.grant(scopes).description,
        )
    }
}
