/// How the server's certificate is checked.
public struct RedisTLS: Sendable, Hashable {
    /// A PEM file with the certificate authorities to trust in place of the system's, read at every connect.
    public var authorityFile: String?

    /// Whether chain and name are checked; without, the connection is encrypted but may lead to anyone.
    public var verifiesServer: Bool

    /// The system's certificate authorities and a full check, unless told otherwise.
    public init(authorityFile: String? = nil, verifiesServer: Bool = true) {
        self.authorityFile = authorityFile
        self.verifiesServer = verifiesServer
    }
}
