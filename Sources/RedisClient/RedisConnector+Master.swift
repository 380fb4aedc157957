extension RedisConnector {
    /// Connects to what the sentinels call the master, if it calls itself so too.
    func connectToMaster(_ resolver: SentinelResolver) async throws(RedisError) -> RedisConnection {
        let answer = try await resolver.resolve()
        do throws(RedisError) {
            let connector = self.connector(to: answer.master)
            let connection = try await connector.connect()
            do throws(RedisError) {
                try await connector.confirmMaster(connection)
            } catch {
                connection.close()
                throw error
            }
            watch(connection, at: answer.master, resolver)
            return connection
        } catch {
            resolver.distrust(answer.sentinel)
            throw error
        }
    }

    private func connector(to master: RedisAddress) -> RedisConnector {
        var configuration = self.configuration
        configuration.address = master
        return RedisConnector(configuration: configuration, eventLoopGroup: eventLoopGroup)
    }

    /// A master that was replaced while it was away learns of it only from the sentinels, and that takes a while.
    private func confirmMaster(_ connection: RedisConnection) async throws(RedisError) {
        switch try await connection.perform([RedisCommand("ROLE")], timeout: configuration.connectTimeout) {
        case .answered(let replies): try checkRole(replies.first ?? .null)
        case .lost(_, let reason), .rejected(let reason): throw failed(reason.message)
        }
    }

    private func checkRole(_ reply: RESPValue) throws(RedisError) {
        if case .error(let text) = reply {
            let message = RedisError.server(text, command: "ROLE").message
            throw failed("\(message); the user has to be allowed ROLE (+role)")
        }
        guard reply.elements?.first?.text == "master" else {
            throw failed("a sentinel calls it the master, but it is none; a failover may be under way")
        }
    }

    /// Closes the connection when the sentinels have another master, which the server itself need not know: cut off from
    /// them it goes on as before, and as a replica it still takes `PUBLISH` and answers `PING`.
    ///
    /// The task is unstructured because a connection has an owner but no scope. It ends with the connection.
    private func watch(_ connection: RedisConnection, at master: RedisAddress, _ resolver: SentinelResolver) {
        let watch = Task {
            while !Task.isCancelled {
                // The interval. Cancelling throws, which ends the watch.
                try await Task.sleep(for: resolver.sentinels.checkInterval)
                // Sentinels that are away are no reason to leave a master that works.
                guard let answer = try? await resolver.resolve(), answer.master != master else { continue }
                connection.close(.lost("the sentinels have made \(answer.master) the master"))
                return
            }
        }
        connection.whenClosed { watch.cancel() }
    }
}

extension RedisError {
    /// Whether an error reply shows that the server is no master: a replica refuses to write, or to serve without one.
    static func isOfReplica(_ text: String) -> Bool {
        // Redis 6 wraps what a script met: "ERR Error running script (…): @user_script:1: -READONLY You can't write …".
        ["READONLY", "MASTERDOWN"].contains(prefix(of: text)) || text.contains(": -READONLY ")
    }
}
