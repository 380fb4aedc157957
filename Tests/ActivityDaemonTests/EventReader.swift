import Foundation
import FoundationNetworking
import Synchronization

/// Reads server-sent events as a browser does: it connects again after each end, with the last id it has.
final class EventReader: NSObject, URLSessionDataDelegate, Sendable {
    fileprivate struct State {
        var unread = Data()
        var ids: [Int] = []
        var data: [Data] = []
        var comments: Set<String> = []
        var resyncs: [String] = []
        var lastID: String?
        var isStopped = false
        var session: URLSession?
    }

    private let state = Mutex(State())
    private let url: URL?

    init(_ url: URL?) {
        self.url = url
        super.init()
        connect()
    }

    /// The ids of all alerts in the order in which they came.
    var ids: [Int] { state.withLock(\.ids) }
    var comments: Set<String> { state.withLock(\.comments) }
    var resyncs: [String] { state.withLock(\.resyncs) }
    /// Whether the stream has said where it begins.
    var hasBegun: Bool { state.withLock { $0.lastID != nil } }

    /// The events themselves.
    var events: [[String: Any]] {
        state.withLock(\.data).compactMap { try? JSONSerialization.jsonObject(with: $0) as? [String: Any] }
    }

    func stop() {
        state.withLock { state in
            state.isStopped = true
            state.session?.invalidateAndCancel()
        }
    }

    private func connect() {
        guard let url else { return }
        state.withLock { state in
            guard !state.isStopped else { return }
            var request = URLRequest(url: url, timeoutInterval: 3600)
            if let lastID = state.lastID { request.setValue(lastID, forHTTPHeaderField: "Last-Event-ID") }
            state.unread = Data()
            let session = URLSession(configuration: .ephemeral, delegate: self, delegateQueue: nil)
            state.session = session
            session.dataTask(with: request).resume()
        }
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        state.withLock { state in
            state.unread += data
            while let end = state.unread.range(of: Data("\n\n".utf8)) {
                state.take(String(decoding: state.unread[..<end.lowerBound], as: UTF8.self))
                state.unread = Data(state.unread[end.upperBound...])
            }
        }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        session.finishTasksAndInvalidate()
        DispatchQueue.global().asyncAfter(deadline: .now() + 0.1) { self.connect() }
    }
}

extension EventReader.State {
    fileprivate mutating func take(_ block: String) {
        var fields: [Substring: String] = [:]
        for line in block.split(separator: "\n") {
            let sides = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            fields[sides[0]] = sides.count == 2 ? String(sides[1].drop { $0 == " " }) : ""
        }
        if let comment = fields[""] { comments.insert(comment) }
        if let id = fields["id"] { lastID = id }
        switch fields["event"] {
        case "alert":
            ids += fields["id"].flatMap { Int($0) }.map { [$0] } ?? []
            data.append(Data((fields["data"] ?? "").utf8))
        case "resync": resyncs.append(fields["data"] ?? "")
        default: break
        }
    }
}
