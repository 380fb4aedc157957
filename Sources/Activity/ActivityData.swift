/// Everything that documents are computed from.
public struct ActivityData: Sendable {
    /// The hourly facts.
    public var cube: Cube
    /// The names behind the facts' codes.
    public var dimensions: Dimensions
    /// The last day to the second.
    public var recent: RecentActivity

    /// Data from its parts; empty by default.
    public init(
        cube: Cube = Cube(),
        dimensions: Dimensions = Dimensions(),
        recent: RecentActivity = RecentActivity(),
    ) {
        self.cube = cube
        self.dimensions = dimensions
        self.recent = recent
    }
}
