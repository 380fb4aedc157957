extension RequestObservation {
    /// Every value that ``route`` may have.
    package static let routes = Route.allCases.map(\.rawValue)
}
