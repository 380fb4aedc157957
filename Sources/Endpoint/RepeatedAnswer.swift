import Activity
import NIOCore
import NIOHTTP1

/// A request as it came, and all of its answer but what is true of the moment only. Immutable, and shared.
final class RepeatedAnswer: Sendable {
    let body: ByteBuffer?
    let computedAt: Timestamp?
    let observation: RequestObservation
    private let peer: ClientAddress
    private let request: ByteBuffer
    private let head: ByteBuffer

    /// What was answered to these bytes from there.
    init(to request: ByteBuffer, from peer: ClientAddress, _ response: Response) {
        self.peer = peer
        // A copy of just these bytes: those from the socket stand in a buffer that is reused.
        self.request = ByteBuffer(bytes: request.readableBytesView)
        body = response.body
        computedAt = response.computedAt
        observation = response.observation
        head = Self.encoded(response.head)
    }

    /// What was answered to a request.
    struct Response {
        let head: HTTPResponseHead
        let body: ByteBuffer?
        let computedAt: Timestamp?
        let observation: RequestObservation
        let basis: AnswerBasis
    }

    /// Bytes in memory.
    var cost: Int {
        request.readableBytes + head.readableBytes + (body?.readableBytes ?? 0)
    }

    /// Whether it answers these bytes.
    func isTo(_ request: ByteBuffer, from peer: ClientAddress) -> Bool {
        self.request == request && self.peer == peer
    }

    /// Writes the head of the answer at a moment.
    func writeHead(at moment: ResponseMoment, to buffer: inout ByteBuffer) {
        buffer.writeImmutableBuffer(head)
        moment.endHead(in: &buffer)
    }

    private static func encoded(_ head: HTTPResponseHead) -> ByteBuffer {
        let (version, status) = (head.version, head.status)
        var bytes = ByteBuffer()
        bytes.writeString("HTTP/\(version.major).\(version.minor) \(status.code) \(status.reasonPhrase)\r\n")
        for (name, value) in head.headers { bytes.writeString("\(name): \(value)\r\n") }
        return bytes
    }
}
