/// One request that was answered, for logs and metrics.
package struct RequestObservation: Sendable {
    /// Where the answer to a query came from.
    package enum CacheOutcome: String, Sendable {
        /// The document was there.
        case hit
        /// The document had to be computed.
        case miss
    }

    /// The request's method; nil when the request could not be parsed.
    package var method: String?
    /// The template of the route, such as `/api/activity/users/:userId`; nil when there is no such route.
    package var route: String?
    /// The status of the answer.
    package var status: Int
    /// From the request's head to the answer's end being handed to the connection.
    package var duration: Duration
    /// Bytes of the answer's body.
    package var bytes: Int
    /// Nil for requests that are no query.
    package var cache: CacheOutcome?
    /// The `X-Request-Id` of the answer.
    package var requestID: String
    /// Whom the request is from.
    package var client: ClientAddress
    /// Why an action failed. The reader is not told.
    package var failure: (any Error)?
}
