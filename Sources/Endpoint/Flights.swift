import NIOCore

/// Work in progress by what it yields, so that readers who want the same wait for the same.
struct Flights<Key: Hashable, Value: Sendable> {
    enum Boarding {
        /// Somebody is at it.
        case joined(EventLoopFuture<Value>)
        /// The caller is to do the work, keep the promise and `land` the flight.
        case started(EventLoopPromise<Value>)
    }

    private var inProgress: [Key: EventLoopFuture<Value>] = [:]

    /// Joins the work for a key, or starts it.
    mutating func board(_ key: Key, on loop: any EventLoop) -> Boarding {
        if let future = inProgress[key] { return .joined(future) }
        let promise = loop.makePromise(of: Value.self)
        inProgress[key] = promise.futureResult
        return .started(promise)
    }

    /// Forgets the work for a key. Its result must be kept before, or the next reader does it again.
    mutating func land(_ key: Key) {
        inProgress[key] = nil
    }
}
