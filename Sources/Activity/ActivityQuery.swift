/// A reader's question, with every parameter validated: a document and the part of it that is wanted.
public struct ActivityQuery: Hashable, Sendable {
    /// The document that holds the answer.
    public var document: DocumentKey
    /// The rows of the document that are wanted.
    public var selection: RowSelection

    /// A query for some rows of a document.
    public init(_ document: DocumentKey, _ selection: RowSelection = .all) {
        self.document = document
        self.selection = selection
    }
}

/// The rows of a document that a reader wants: always one contiguous run, since lists are ordered.
public enum RowSelection: Hashable, Sendable {
    /// All rows.
    case all
    /// The first `limit` rows, as far as their count is at least `minimum`.
    case prefix(limit: Int, minimum: Int)
    /// The newest hours of a series: so many whole hours and the current one.
    case newest(hours: Int)
}
