import Activity

/// What decides the bytes of an answer to a query, its content coding aside.
struct AnswerKey: Hashable, Sendable {
    let query: ActivityQuery
    let layout: JSONLayout
}
