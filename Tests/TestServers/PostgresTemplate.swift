/// An initialised data directory that each server of this process copies, because `initdb` takes a second.
struct PostgresTemplate: Sendable {
    let installation: PostgresInstallation
    private let directory: DisposableDirectory

    var data: String { directory.path + "/template" }

    // Unstructured: whoever asks first starts it for all.
    private static let task = Task { try await PostgresTemplate() }

    static var shared: PostgresTemplate {
        get async throws { try await task.value }
    }

    private init() async throws {
        installation = try PostgresInstallation.find()
        directory = try await DisposableDirectory()
        try await ServerUser.run(
            installation.program("initdb"),
            "--pgdata=\(directory.path)/template",
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        )
    }
}
