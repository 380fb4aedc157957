import Logging

/// Says once that a store is lost, and once that it is back.
struct StoreLog {
    private let logger: Logger
    private var lost: Set<String> = []

    init(_ logger: Logger) {
        self.logger = logger
    }

    /// Takes note of how the stores are.
    ///
    /// - Parameter troubles: by name of the store: why it cannot be reached; nil when it can be.
    mutating func record(_ troubles: [(store: String, trouble: String?)]) {
        for (store, trouble) in troubles {
            if let trouble {
                guard lost.insert(store).inserted else { continue }
                logger.error(
                    KnownMessage.storeLost.text,
                    metadata: ["store.name": "\(store)", "error": "\(trouble)"],
                )
            } else if lost.remove(store) != nil {
                logger.notice(KnownMessage.storeBack.text, metadata: ["store.name": "\(store)"])
            }
        }
    }
}
