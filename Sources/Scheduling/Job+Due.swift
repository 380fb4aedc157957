import PostgresClient

extension Job {
    /// When a slot is to start: its nominal time and a jitter that is always the same for it.
    func due(_ slot: PostgresTimestamp) -> PostgresTimestamp {
        slot + policy.jitter * SlotHash.fraction(name, slot.microseconds)
    }
}
