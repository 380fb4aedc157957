import Activity
import NIOCore
import NIOHTTP1

/// Makes the heads of responses on one connection. The date is written once a second.
struct ResponseHeads {
    private let serverName: String?
    private let crossOrigin: CrossOrigin
    private let freshness: Freshness
    private var dateSecond: Int64?
    private var date = ""

    init(serverName: String?, crossOrigin: CrossOrigin, freshness: Freshness) {
        self.serverName = serverName
        self.crossOrigin = crossOrigin
        self.freshness = freshness
    }

    /// A reply's head with what is true of the connection, without what is true of the moment.
    func lastingHead(of reply: Reply, to exchange: Exchange, closes: Bool) -> HTTPResponseHead {
        var headers = reply.headers
        if let serverName { headers.add(name: "Server", value: serverName) }
        if let request = exchange.head { crossOrigin.add(to: &headers, for: request) }
        if closes {
            headers.add(name: "Connection", value: "close")
        } else if exchange.version == .http1_0 {
            headers.add(name: "Connection", value: "keep-alive")
        }
        return HTTPResponseHead(version: exchange.version, status: reply.status, headers: headers)
    }

    /// What is true of the moment, for an answer that is made of documents computed at another, or of none.
    mutating func moment(of computedAt: Timestamp?, id: String, at now: Timestamp) -> ResponseMoment {
        if dateSecond != now.second {
            dateSecond = now.second
            date = HTTPDate.text(of: now)
        }
        let age = computedAt.map { freshness.age(of: $0, at: now) }
        return ResponseMoment(age: age, isStale: age.map(freshness.isStale) ?? false, date: date, id: id)
    }
}
