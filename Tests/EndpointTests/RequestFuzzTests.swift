import Activity
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Synchronization
import TestServers
import Testing

@testable import Endpoint

/// Requests that were changed at random and arrive in random pieces, the same in every run, through everything that
/// stands between a socket and the answers.
@Suite("Fuzzed requests", .timeLimit(.minutes(1)))
struct RequestFuzzTests {
    /// What changes are made of: pieces on which parsers differ.
    static let words = [
        "\r\n", "\n", "\r", "\r\n\r\n", " ", "\t", ":", ",", ";", "=", "\"", "?", "&", "%", "%00", "%2f", "..", "\0",
        "\u{e9}",
        "0", "1", "-1", "ffffffffffffffff", "9223372036854775808", "HTTP/1.0", "HTTP/1.1", "HTTP/2.0", "GET ", "POST ",
        "Content-Length: 3\r\n", "Content-Length: 0\r\n", "Transfer-Encoding: chunked\r\n", "0\r\n\r\n", "3\r\nabc\r\n",
        "Connection: close\r\n", "Connection: keep-alive\r\n", "Expect: 100-continue\r\n", "Upgrade: x\r\n",
        "Host: a\r\n", "If-None-Match: *\r\n", "Accept-Encoding: gzip;q=1\r\n", "Authorization: Bearer actd_a_b\r\n",
        "X-Forwarded-For: 192.0.2.1, x\r\n", "Origin: https://a.b\r\n", "\r\n X: folded\r\n", "1;x=y\r\na\r\n",
    ].map { Array($0.utf8) }

    /// Those of the corpus whose answers may be remembered.
    private static let documents = [corpus[1], corpus[3]]
    /// Those whose answers do not depend on how fast this machine is, as counts of hits do.
    private static let steady = corpus.filter { request in
        !["auth-events", "cache/stats"].contains { String(decoding: request, as: UTF8.self).contains($0) }
    }

    /// Conversations that are good, or bad in a way that was once worth a test.
    static let corpus =
        ([
            "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /api/activity/ips?days=7&limit=3&minActivity=1 HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n",
            "GET /api/activity/users/\(Fixture.users[0])?days=1 HTTP/1.1\r\nHost: a\r\nIf-None-Match: W/\"1\", *\r\n\r\n",
            "HEAD /api/activity/hourly?hours=24&action=create HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            "OPTIONS * HTTP/1.1\r\nHost: a\r\nOrigin: https://a.b\r\nAccess-Control-Request-Method: GET\r\n\r\n",
            "POST /api/activity/auth-events HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                + "Content-Length: 45\r\n\r\n{\"ip\":\"192.0.2.1\",\"outcome\":\"failure\"}       \r\n",
            "POST /api/activity/auth-events HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n5;x=y\r\n{\"ip\"\r\n1\r\n:\r\n0\r\nX: trailer\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nSec-Fetch-Site: cross-site\r\n\r\n",
            "GET /api/activity/alerts?status=firing&limit=3&pretty=1 HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET http://a/api/cache/stats HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n",
            "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n",
        ] + MalformedRequestTests.cases.map(\.request)).map { Array($0.utf8) }

    @Test(arguments: 0..<12)
    func areAnsweredOrRefused(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            let requests = (0..<Int.random(in: 1...3, using: &random)).flatMap { _ in
                Self.corpus.randomElement(using: &random) ?? []
            }
            try await check(Self.changed(requests, &random), &random)
        }
    }

    /// Words put in or over what was there, bytes changed, parts lost or doubled.
    private static func changed(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 0...4, using: &random) where !bytes.isEmpty {
            let start = Int.random(in: bytes.indices, using: &random)
            let end = min(bytes.count, start + Int.random(in: 0...8, using: &random))
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes.insert(contentsOf: words.randomElement(using: &random) ?? [], at: start)
            case 1: bytes.replaceSubrange(start..<end, with: words.randomElement(using: &random) ?? [])
            case 2: bytes[start] = UInt8.random(in: .min ... .max, using: &random)
            default: bytes.insert(contentsOf: bytes[start..<end], at: start)
            }
        }
        return bytes
    }

    /// One connection whose requests may come again, and one that takes each apart anew, on the same input.
    @Test(arguments: 0..<12)
    func areAnsweredAlikeWhenTheyComeAgain(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        var repetitions = 0
        for _ in 0..<60 {
            let favourite = Self.documents.randomElement(using: &random) ?? []
            let pieces = (0..<20).flatMap { _ in Self.pieces(of: favourite, &random) }
            let one = try await FuzzedConnection(requestsPerMinute: 0)
            let other = try await FuzzedConnection(requestsPerMinute: 0, remembers: false)
            for piece in pieces {
                try await one.receive(piece[...])
                try await other.receive(piece[...])
            }
            try await one.settle()
            try await other.settle()
            let answers = try await (one.finish(), other.finish())
            let context = Comment(rawValue: String(decoding: pieces.joined(), as: UTF8.self).debugDescription)
            let isAlike = answers.0 == answers.1
            #expect(isAlike, context)
            repetitions += one.repetitions
            #expect(other.repetitions == 0)
        }
        #expect(repetitions > 20)
    }

    /// Mostly a whole request, so that it comes again; now and then one that was changed, cut in two, or several.
    private static func pieces(of request: [UInt8], _ random: inout SeededGenerator) -> [[UInt8]] {
        let other = steady.randomElement(using: &random) ?? []
        switch Int.random(in: 0..<24, using: &random) {
        case 0: return [changed(request, &random)].filter { !$0.isEmpty }
        case 1:
            let cut = Int.random(in: 1..<request.count, using: &random)
            return [Array(request[..<cut]), Array(request[cut...])]
        case 2: return [request + request]
        case 3: return [request + other]
        case 4: return [other + request]
        case 5: return [other]
        default: return [request]
        }
    }

    private func check(_ bytes: [UInt8], _ random: inout SeededGenerator) async throws {
        let server = try await FuzzedConnection()
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...min(rest.count, 4096), using: &random))
            rest = rest.dropFirst(piece.count)
            try await server.receive(piece)
        }
        let written = try await server.finish()
        let answers = try Self.answers(written)
        let context = Comment(rawValue: String(decoding: bytes, as: UTF8.self).debugDescription)
        // Each request names the protocol, but for a last one that is malformed.
        let requests = bytes.ranges(of: Array("HTTP/".utf8)).count + 1
        #expect(answers.filter { $0.status >= 200 }.count <= requests, context)
        for (index, answer) in answers.enumerated() {
            let isMalformed = [413, 414, 431].contains(answer.status)
            if isMalformed { #expect(answer.closes && index == answers.count - 1, context) }
            #expect(answer.status < 500 || answer.status == 503, context)
        }
        if server.hasSeenMalformedRequest { #expect(answers.last?.closes == true, context) }
    }

    private struct Answer {
        let status: Int
        let closes: Bool
    }

    /// Takes apart what was written; nothing may be left, and nothing may be missing.
    private static func answers(_ written: [UInt8]) throws -> [Answer] {
        var rest = written[...]
        var answers: [Answer] = []
        while !rest.isEmpty {
            let end = try #require(rest.firstRange(of: Array("\r\n\r\n".utf8)))
            let lines = String(decoding: rest[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
            let start = try #require(lines.first).split(separator: " ", maxSplits: 2)
            try #require(start.count == 3 && ["HTTP/1.1", "HTTP/1.0"].contains(start[0]))
            let fields = Dictionary(
                lines.dropFirst().map { line in
                    let sides = line.split(separator: ":", maxSplits: 1)
                    return (sides[0].lowercased(), sides[1].drop { $0 == " " })
                },
                uniquingKeysWith: { first, _ in first },
            )
            let status = try #require(Int(start[1]))
            rest = rest[end.upperBound...]
            let length = status < 200 || status == 204 || status == 304 ? 0 : Int(fields["content-length"] ?? "") ?? 0
            // The answer to HEAD has a length and no body: then the next answer, or nothing, follows at once.
            if length > 0, !rest.isEmpty, !rest.starts(with: "HTTP/1.".utf8) {
                try #require(rest.count >= length)
                rest = rest.dropFirst(length)
            }
            answers.append(Answer(status: status, closes: fields["connection"] == "close"))
        }
        return answers
    }
}

/// A connection without a socket, whose time passes only when it is told to.
private struct FuzzedConnection {
    private let channel = NIOAsyncTestingChannel()
    private let answers: AnswerSource
    private let observed = Observed()

    private final class Observed: Sendable {
        let malformed = Atomic(0)
    }

    /// Whether something was answered that could not be parsed.
    var hasSeenMalformedRequest: Bool { observed.malformed.load(ordering: .relaxed) > 0 }

    /// Requests that were answered without being taken apart.
    var repetitions: Int { Int(answers.repetitions) }

    init(requestsPerMinute: Int = 2, remembers: Bool = true) async throws {
        var configuration = EndpointConfiguration()
        configuration.rules.requestsPerMinute = PerScope(all: requestsPerMinute)
        _ = configuration.rules.proxies.proxies.add("127.0.0.1")
        _ = configuration.rules.crossOrigin.add("https://a.b")
        let snapshots = SnapshotStore()
        snapshots.replace(with: Fixture.snapshot)
        answers = AnswerSource(configuration, snapshots) { $0.compute($1) }
        let hub = AlertHub(AlertSource.none, AlertHub.Settings(configuration))
        let responder = Responder(
            answers: answers,
            snapshots: snapshots,
            actions: .idle,
            gate: Gatekeeper(AccessControl(), configuration.rules),
            lifecycle: Lifecycle(),
            openConnections: { 1 },
            role: .http,
            freshness: Freshness(interval: .seconds(60)),
            alerts: AlertAnswers(AlertSource.none, hub, configuration),
            stallTime: .seconds(30),
            firstRequestPatience: .seconds(2),
            nextRequestPatience: .seconds(1),
            now: { Fixture.computedAt },
        )
        try await channel.testingEventLoop.executeInContext { [channel, observed, configuration] in
            let handler = RequestHandler(
                responder,
                serverName: "activityd",
                identifiers: RequestIdentifiers(seed: 1),
                peer: ClientAddress("127.0.0.1"),
                observe: { if $0.method == nil { observed.malformed.wrappingAdd(1, ordering: .relaxed) } },
            )
            let requests = remembers ? RepeatedRequests() : RepeatedRequests(longestRequest: 0)
            let pipeline = ConnectionPipeline(configuration: configuration, requests: requests)
            try pipeline.add(handler, to: channel.pipeline.syncOperations)
        }
        try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1))
    }

    func receive(_ bytes: ArraySlice<UInt8>) async throws {
        guard channel.isActive else { return }
        try await channel.testingEventLoop.executeInContext { [channel] in
            channel.pipeline.fireChannelRead(ByteBuffer(bytes: bytes))
            channel.pipeline.fireChannelReadComplete()
        }
    }

    /// Waits until what was received is answered. Otherwise it is a matter of time whether the end of the input comes
    /// before that, and so whether the answer says that the connection closes.
    func settle() async throws {
        while try await isAnswering { await Task.yield() }
    }

    private var isAnswering: Bool {
        get async throws {
            try await channel.testingEventLoop.executeInContext { [channel] in
                guard channel.isActive else { return false }
                let handler = try channel.pipeline.syncOperations.handler(type: RequestHandler.self)
                if case .answering = handler.phase { return true }
                return false
            }
        }
    }

    /// Says that nothing more comes, waits for the end, which needs no deadline, and returns all that was written.
    func finish() async throws -> [UInt8] {
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        try await channel.closeFuture.get()
        await answers.shutDown()
        var bytes: [UInt8] = []
        while let part = try await channel.readOutbound(as: ByteBuffer.self) { bytes += part.readableBytesView }
        return bytes
    }
}
