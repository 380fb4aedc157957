/// What is asked of a request before its token is looked at, and how many there may be.
package struct AccessRules: Sendable, Hashable {
    package var proxies = TrustedProxies()
    /// Who may come at all; an empty list is everybody.
    package var allowed = PerScope(all: ClientList())
    /// Requests in a minute for each token, or for each address where there is none; 0 for any number.
    package var requestsPerMinute = PerScope(all: 0)
    /// Whose pages may read answers.
    package var crossOrigin = CrossOrigin()

    /// Everybody, as often as they like.
    package init() {}
}
