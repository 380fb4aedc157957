/// Polls until `condition` holds; throws when it does not within `limit`.
///
/// For what happens in other processes and sends no signal that could be waited for.
package func eventually(
    _ what: String,
    within limit: Duration = .seconds(60),
    isolation: isolated (any Actor)? = #isolation,
    _ condition: () async throws -> Bool,
) async throws {
    let deadline = ContinuousClock.now.advanced(by: limit)
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            throw Subprocess.Failure(description: "waited \(limit) in vain until \(what)")
        }
        try await Task.sleep(for: .milliseconds(5))
    }
}
