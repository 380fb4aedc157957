import Foundation
import RedisClient
import TestServers
import Testing

@Suite(.timeLimit(.minutes(1))) struct RedisTLSTests {
    /// The certificates that openssl makes: an authority, a server's certificate for a name and an address, one for
    /// the name alone, and an authority that nobody trusts.
    static let recipe = """
        set -e
        cd "$1"
        authority() {
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$1" \
                -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign \
                -keyout "$1.key" -out "$1.pem"
        }
        server() {
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$1.key" -out "$1.csr"
            printf 'subjectAltName=%s\\n' "$2" > "$1.ext"
            openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile "$1.ext" -out "$1.pem"
        }
        authority ca
        authority other
        server both DNS:localhost,IP:127.0.0.1
        server name DNS:localhost
        """

    /// Runs the body with a server that has that certificate; `directory` holds the authorities.
    static func withTLSServer(
        certificate: String,
        _ body: @Sendable (_ port: Int, _ directory: String) async throws -> Void,
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "activityd-tls-\(UUID())").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await Subprocess.run(["/bin/sh", "-c", recipe, "certificates", directory])
        let port = try FreePort.find()
        let options = [
            "--tls-port", "\(port)", "--tls-cert-file", "\(directory)/\(certificate).pem",
            "--tls-key-file", "\(directory)/\(certificate).key", "--tls-ca-cert-file", "\(directory)/ca.pem",
            "--tls-auth-clients", "no",
        ]
        try await withServer(options: options) { _ in try await body(port, directory) }
    }

    @Test func speaksTLSWithACheckedServer() async throws {
        try await Self.withTLSServer(certificate: "both") { port, directory in
            for host in ["127.0.0.1", "localhost"] {
                let url = "rediss://\(host):\(port)?cafile=\(directory)/ca.pem"
                try await withClient(RedisConfiguration(url: url)) { client async throws in
                    let value = [UInt8](repeating: 7, count: 1_000_000)
                    #expect(try await client.send(RedisCommand("ECHO", RedisArgument(value))).bytes == value)
                }
            }
            try await RedisAccessTests.connect("rediss://127.0.0.1:\(port)?verify=none")
        }
    }

    @Test func refusesWhatItCannotCheck() async throws {
        try await Self.withTLSServer(certificate: "name") { port, directory in
            try await RedisAccessTests.connect("rediss://localhost:\(port)?cafile=\(directory)/ca.pem")
            for url in [
                "rediss://127.0.0.1:\(port)?cafile=\(directory)/ca.pem",
                "rediss://localhost:\(port)?cafile=\(directory)/other.pem",
                "rediss://localhost:\(port)?cafile=\(directory)/missing.pem",
                "rediss://localhost:\(port)",
                "redis://localhost:\(port)",
            ] {
                let error = try await redisError { try await RedisAccessTests.connect(url) }
                #expect(error.code == .connectionFailed, "\(url): \(error)")
            }
        }
    }

    /// Such a Redis takes the TLS greeting for the beginning of a line and waits for its end.
    @Test func givesUpAServerWithoutTLS() async throws {
        let url = try await RedisServer.shared.url.replacing("redis:", with: "rediss:")
        let error = try await redisError { try await RedisAccessTests.connect(url, timeout: .milliseconds(500)) }
        #expect([.timedOut, .connectionFailed].contains(error.code))
    }
}
