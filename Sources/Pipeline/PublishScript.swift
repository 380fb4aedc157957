import RedisClient

/// What became of a generation.
package enum PublishOutcome: Sendable, Equatable {
    /// It is what readers see now. Documents that Redis had dropped are written again with the next generation.
    case published(documents: Int, evicted: Bool)
    /// Redis holds this generation or one with newer data, written by another daemon.
    case superseded(by: Int64)
    /// Redis does not hold the generation that the changes were made upon; nothing was written.
    case basedOnOtherGeneration
}

/// The answer of the script to one call.
enum PublishReply: Equatable {
    case written(missing: Int64)
    case superseded(by: Int64)
    case basedOnOtherGeneration

    init(_ reply: RESPValue) throws(RedisError) {
        guard case .array(let fields) = reply, let verdict = fields.first?.text else {
            throw RedisError(code: .protocolViolation, message: "the publish script answered in an unknown form")
        }
        let number = fields.dropFirst().first?.int ?? 0
        switch verdict {
        case "written": self = .written(missing: number)
        case "superseded": self = .superseded(by: number)
        default: self = .basedOnOtherGeneration
        }
    }

    func outcome(_ documents: Int) -> PublishOutcome {
        switch self {
        case .written(let missing): .published(documents: documents, evicted: missing > 0)
        case .superseded(let number): .superseded(by: number)
        case .basedOnOtherGeneration: .basedOnOtherGeneration
        }
    }
}

extension RedisScript {
    /// Writes documents and, with the last call of a generation, flips the generation and announces it.
    ///
    /// `KEYS[1]` the hash of the generation, then the documents to write, then those to renew. `ARGV` 1 generation,
    /// 2 fence, 3 the generation that must be there for a partial write or nothing, 4 time to live in milliseconds,
    /// 5 the number of documents to write, 6 the channel of the announcement or nothing when more calls follow,
    /// 7 computedAt, 8 dataThrough, then the documents.
    static let publish = RedisScript(
        """
        local generation, fence = tonumber(ARGV[1]), tonumber(ARGV[2])
        local present = redis.call('HMGET', KEYS[1], 'generation', 'fence')
        if present[1] and (generation <= tonumber(present[1]) or fence < tonumber(present[2])) then
            return {'superseded', tonumber(present[1])}
        end
        if ARGV[3] ~= '' and ARGV[3] ~= present[1] then
            return {'basedOnOtherGeneration'}
        end
        local timeToLive, count, missing = ARGV[4], tonumber(ARGV[5]), 0
        for i = 1, count do
            redis.call('SET', KEYS[1 + i], ARGV[8 + i], 'PX', timeToLive)
        end
        for i = count + 2, #KEYS do
            missing = missing + 1 - redis.call('PEXPIRE', KEYS[i], timeToLive)
        end
        if ARGV[6] ~= '' then
            redis.call('HSET', KEYS[1], 'generation', ARGV[1], 'fence', ARGV[2],
                'computedAt', ARGV[7], 'dataThrough', ARGV[8])
            redis.call('PUBLISH', ARGV[6], ARGV[1])
        end
        return {'written', missing}
        """
    )
}
