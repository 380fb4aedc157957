import CLibPQ

extension Session {
    /// Waits until there is a notification; empty when the deadline passes before.
    func notifications(_ deadline: Deadline) throws(PostgresError) -> [PostgresNotification] {
        while true {
            let received = takeNotifications()
            guard received.isEmpty, !deadline.hasPassed else { return received }
            do throws(PostgresError) {
                guard try awaitInput(deadline) else { throw PostgresError(.connectionLost, connection: connection) }
            } catch {
                guard error.code == .timedOut else { throw error }
            }
        }
    }

    private func takeNotifications() -> [PostgresNotification] {
        var received: [PostgresNotification] = []
        while let notification = PQnotifies(connection) {
            defer { PQfreemem(notification) }
            let channel = String(cString: notification.pointee.relname)
            let payload = String(cString: notification.pointee.extra)
            received.append(.notification(channel: channel, payload: payload))
        }
        return received
    }
}
