/// Puts one reply together from the pieces that hiredis finds.
///
/// It owns every piece: hiredis only passes a pointer to it through, so a reply that is given up half-way, however deep,
/// leaks nothing. Arrays grow with what has arrived, never by what was announced.
final class ReplyBuilder {
    private struct Level {
        var missing: Int
        var values: [RESPValue] = []
    }

    private let elementLimit: Int
    private var announcedElements = 0
    private var levels: [Level] = []
    private var finished: RESPValue?

    /// Why a piece was refused; nil as long as none was.
    private(set) var refusal: String?

    init(elementLimit: Int) {
        self.elementLimit = elementLimit
    }

    /// Adds a value that is not an array, or an empty one, and closes the arrays that it completes.
    func add(_ value: RESPValue) {
        var value = value
        while var level = levels.popLast() {
            level.values.append(value)
            level.missing -= 1
            guard level.missing == 0 else {
                levels.append(level)
                return
            }
            value = .array(level.values)
        }
        finished = value
    }

    /// Opens an array of so many elements; false when that is too many for one reply.
    func openArray(elements: Int) -> Bool {
        announcedElements += elements
        guard announcedElements <= elementLimit else {
            refuse("a reply has more than \(elementLimit) elements")
            return false
        }
        if elements == 0 {
            add(.array([]))
        } else {
            levels.append(Level(missing: elements))
        }
        return true
    }

    /// Notes why the reply is refused.
    func refuse(_ reason: String) {
        refusal = reason
    }

    /// Hands over the finished reply and is ready for the next.
    func take() -> RESPValue? {
        defer {
            finished = nil
            announcedElements = 0
        }
        return finished
    }
}
