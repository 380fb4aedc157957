package import Logging
import Synchronization

/// The least important level that is logged, which a reload may change while loggers are in use.
package final class LiveLogLevel: Sendable {
    private static let levels = Logger.Level.allCases
    private let index: Atomic<Int>

    /// A level.
    package init(_ level: Logger.Level) {
        index = Atomic(Self.index(of: level))
    }

    /// The level as it is now. Asked for by every reader's request.
    package var value: Logger.Level { Self.levels[index.load(ordering: .relaxed)] }

    /// Changes it for all loggers that have no level of their own.
    package func set(_ level: Logger.Level) {
        index.store(Self.index(of: level), ordering: .relaxed)
    }

    private static func index(of level: Logger.Level) -> Int {
        guard let index = levels.firstIndex(of: level) else { preconditionFailure("\(level) is none of all levels") }
        return index
    }
}
