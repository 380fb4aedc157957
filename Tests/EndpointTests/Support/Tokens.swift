@testable import Endpoint

/// Tokens that allow different things, and the control that knows them.
struct Tokens {
    let reader = Self.token("reader")
    let reporter = Self.token("reporter")
    let admin = Self.token("admin")
    let stranger = Self.token("reader")

    var access: AccessControl {
        AccessControl([reader.grant([.read]), reporter.grant([.ingest]), admin.grant([.admin])])
    }

    static func token(_ id: String) -> AccessToken {
        var generator = SystemRandomNumberGenerator()
        guard let token = AccessToken(newFor: id, using: &generator) else { preconditionFailure("\(id) is no id") }
        return token
    }
}
