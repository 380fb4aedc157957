import Activity

/// What the answer to a query depends on beside the request itself. Two that are equal give the same answer.
struct AnswerBasis: Equatable {
    private let snapshot: Int
    private let access: Int

    /// To be taken before the snapshot and the tokens are looked at: it is then never newer than they are.
    init(_ snapshots: SnapshotStore, _ access: AccessControl) {
        snapshot = snapshots.version
        self.access = access.version
    }
}
