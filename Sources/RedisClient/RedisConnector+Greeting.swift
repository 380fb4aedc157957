extension RedisConnector {
    /// Sends the greeting in one write. There is always at least one command in it: only a reply shows that someone
    /// listens, and that no password is demanded.
    func greet(_ connection: RedisConnection) async throws(RedisError) {
        let commands = greeting
        switch try await connection.perform(commands, timeout: configuration.connectTimeout) {
        case .answered(let replies):
            for (command, reply) in zip(commands, replies) {
                try check(reply, to: command)
            }
        case .lost(let replies, let reason):
            // An error that came before the end says more than the end.
            for (command, reply) in zip(commands, replies) {
                try check(reply, to: command)
            }
            throw ended(reason)
        case .rejected(let reason):
            throw ended(reason)
        }
    }

    private var greeting: [RedisCommand] {
        var commands: [RedisCommand] = []
        if let password = configuration.password {
            let user = configuration.username.map { [RedisArgument($0)] } ?? []
            commands.append(RedisCommand("AUTH", user + [RedisArgument(password)]))
        }
        if configuration.database != 0 {
            commands.append(RedisCommand("SELECT", RedisArgument(configuration.database)))
        }
        if !configuration.clientName.isEmpty {
            commands.append(RedisCommand("CLIENT", "SETNAME", RedisArgument(configuration.clientName)))
        }
        return commands.isEmpty ? [RedisCommand("PING")] : commands
    }

    private func check(_ reply: RESPValue, to command: RedisCommand) throws(RedisError) {
        guard case .error(let text) = reply else { return }
        let prefix = RedisError.prefix(of: text)
        if prefix == "WRONGPASS" || prefix == "NOAUTH" || isAboutPassword(text, command) {
            throw RedisError(
                code: .authenticationFailed,
                message: "\(configuration.address) refused the user name or password, or demands one (\(prefix))",
            )
        }
        // A user that may not use CLIENT or PING can still work.
        if prefix == "NOPERM", command.name != "SELECT" { return }
        throw failed(RedisError.server(text, command: command.name).message)
    }

    /// `ERR AUTH <password> called without any password configured …`, but not `ERR max number of clients reached`.
    private func isAboutPassword(_ text: String, _ command: RedisCommand) -> Bool {
        command.name == "AUTH" && (text.contains("AUTH") || text.contains("password"))
    }

    private func ended(_ reason: RedisError) -> RedisError {
        switch reason.code {
        case .connectionLost: failed(reason.message)
        case .timedOut: RedisError(code: .timedOut, message: "\(configuration.address) accepts but does not answer")
        default: reason
        }
    }
}
