import Activity

/// What came of looking for a document. That there is none is knowledge, too, and kept like a document.
enum Finding: Sendable {
    case document(Document)
    /// The key names a user of whom no row was ever seen.
    case nothing

    init(_ document: Document?) {
        self = document.map(Finding.document) ?? .nothing
    }
}
