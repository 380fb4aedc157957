import NIOCore

/// The commands in flight on one connection, oldest first, and when their replies are due.
///
/// A reply carries no name: the n-th reply answers the n-th command. So a batch stays in line even when nobody waits for
/// it any more, and what cannot be matched ends the connection.
struct CommandQueue {
    /// Commands that were written together, and their replies so far.
    struct Batch {
        let commands: Int
        let deadline: NIODeadline
        let completion: OneShot<BatchOutcome>
        var replies: [RESPValue] = []
    }

    enum SubmitAction {
        /// Write the commands; set this timer in place of any other, unless there is one that goes off earlier.
        case write(timer: NIODeadline?)
        case reject(OneShot<BatchOutcome>, RedisError)
    }

    enum ReceiveAction {
        case none
        case complete(OneShot<BatchOutcome>, [RESPValue])
        /// The reply answers nothing: close.
        case close(RedisError)
    }

    enum TimerAction {
        case none
        case setTimer(NIODeadline)
        case close
    }

    private var batches = CircularBuffer<Batch>()
    private var timer: NIODeadline?

    /// Why the connection is closed; nil while it is open.
    private(set) var closeReason: RedisError?

    mutating func submit(_ batch: Batch) -> SubmitAction {
        if let closeReason { return .reject(batch.completion, closeReason) }
        batches.append(batch)
        if let timer, timer <= batch.deadline { return .write(timer: nil) }
        timer = batch.deadline
        return .write(timer: batch.deadline)
    }

    mutating func receive(_ reply: RESPValue) -> ReceiveAction {
        guard closeReason == nil else { return .none }
        guard let oldest = batches.indices.first else { return .close(Self.unsolicited(reply)) }
        batches[oldest].replies.append(reply)
        guard batches[oldest].replies.count == batches[oldest].commands else { return .none }
        let batch = batches.removeFirst()
        return .complete(batch.completion, batch.replies)
    }

    /// The timer went off. It was set for a batch that may be answered by now; the next is due later.
    mutating func timerFired(now: NIODeadline) -> TimerAction {
        timer = nil
        guard closeReason == nil, let oldest = batches.first else { return .none }
        guard oldest.deadline > now else { return .close }
        timer = oldest.deadline
        return .setTimer(oldest.deadline)
    }

    /// Closes for that reason and gives up what is in flight; the first reason counts.
    mutating func close(_ reason: RedisError) -> [Batch] {
        guard closeReason == nil else { return [] }
        closeReason = reason
        defer { batches.removeAll() }
        return Array(batches)
    }

    /// A server that has too many clients, or that is protected, says so unasked and hangs up.
    private static func unsolicited(_ reply: RESPValue) -> RedisError {
        if case .error(let text) = reply {
            let said = RedisError.withoutValues(text)
            return RedisError(code: .connectionLost, message: "the server hung up and said: \(said)")
        }
        return RedisError(code: .protocolViolation, message: "the server sent a reply that nobody asked for")
    }
}

/// What became of commands that were submitted together.
enum BatchOutcome: Sendable {
    /// All were answered.
    case answered([RESPValue])
    /// The connection ended after these first replies.
    case lost([RESPValue], RedisError)
    /// The connection had ended before; nothing was written.
    case rejected(RedisError)
}
