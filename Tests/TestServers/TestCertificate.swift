/// A self-signed certificate for `localhost` and 127.0.0.1, which is its own root, and its key.
package final class TestCertificate: Sendable {
    /// Path of the certificate in PEM.
    package let certificate: String
    /// Path of the key in PEM; only the user who runs the servers can read it.
    package let key: String
    private let directory: DisposableDirectory

    /// Makes one with `openssl`; the files go away with this object.
    package init() async throws {
        directory = try await DisposableDirectory()
        certificate = directory.path + "/certificate.pem"
        key = directory.path + "/key.pem"
        let request = "req -x509 -nodes -days 2 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -subj /CN=localhost"
        let command = ["openssl"] + request.split(separator: " ").map(String.init)
        let names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
        try await Subprocess.run(ServerUser.command(command + names + ["-keyout", key, "-out", certificate]))
    }
}
