import Activity
import NIOHTTP1

/// Makes the heads of responses on one connection. The date is written once a second.
struct ResponseHeads {
    private let serverName: String?
    private let crossOrigin: CrossOrigin
    private var dateSecond: Int64?
    private var date = ""

    init(serverName: String?, crossOrigin: CrossOrigin) {
        self.serverName = serverName
        self.crossOrigin = crossOrigin
    }

    /// Adds to a reply what is true of the connection and of the moment.
    mutating func head(of reply: Reply, to exchange: Exchange, closes: Bool, at now: Timestamp) -> HTTPResponseHead {
        var headers = reply.headers
        headers.add(name: "Date", value: dateText(at: now))
        headers.add(name: "X-Request-Id", value: exchange.id)
        if let serverName { headers.add(name: "Server", value: serverName) }
        if let request = exchange.head { crossOrigin.add(to: &headers, for: request) }
        if closes {
            headers.add(name: "Connection", value: "close")
        } else if exchange.version == .http1_0 {
            headers.add(name: "Connection", value: "keep-alive")
        }
        return HTTPResponseHead(version: exchange.version, status: reply.status, headers: headers)
    }

    private mutating func dateText(at now: Timestamp) -> String {
        if dateSecond != now.second {
            dateSecond = now.second
            date = HTTPDate.text(of: now)
        }
        return date
    }
}
