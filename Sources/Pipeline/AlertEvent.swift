import PostgresClient

/// An event of an alert that has its number.
package struct AlertEvent: Sendable, Hashable {
    /// 1 and up; contiguous, so that whoever misses one sees it.
    package let sequence: Int64
    /// The CloudEvent with its sequence, as subscribers get it.
    package let json: String
    /// How long ago it was written when it was read here.
    package let age: Duration

    init(_ row: borrowing PostgresRow) throws(PostgresError) {
        sequence = try row.value(0)
        json = try row.value(1)
        age = .seconds(try row.value(2, as: Double.self))
    }
}

/// Where numbering and delivery stand.
struct AlertPosition: Sendable, Hashable {
    /// The last number given.
    var numbered: Int64
    /// Every event up to here has been in the stream and was announced.
    var delivered: Int64
}

/// What became of numbering.
struct Numbering: Sendable, Hashable {
    var position: AlertPosition
    /// The last number that this database knew when it lagged behind the stream; nil when it did not.
    var raisedFrom: Int64?
    /// Events that got a number.
    var count: Int
}

/// Events that no subscriber has heard of yet.
package struct AlertBacklog: Sendable, Hashable {
    /// How many there are.
    package var count: Int64
    /// How long the oldest of them has been waiting; zero when there are none.
    package var age: Duration
    /// How many of them have no number yet.
    var unnumbered: Int64
    var position: AlertPosition
}
