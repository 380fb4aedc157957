import RedisClient

extension RedisScript {
    /// The last number that was ever added; trimming and deleting entries do not lower it.
    private static let endOfKey = """
        local function endOf(stream)
            if redis.call('EXISTS', stream) == 0 then return '0' end
            local fields = redis.call('XINFO', 'STREAM', stream)
            for i = 1, #fields, 2 do
                if fields[i] == 'last-generated-id' then return string.match(fields[i + 1], '^%d+') end
            end
        end

        """

    /// Answers the number of the last event in the stream `KEYS[1]`, 0 without one.
    static let endOfStream = RedisScript(endOfKey + "return endOf(KEYS[1])")

    /// Appends events if the stream ends where the caller thinks, and otherwise answers where it ends.
    ///
    /// `KEYS[1]` the stream. `ARGV` 1 the number that it is thought to end with, 2 its length, 3 the channel, 4 the
    /// number up to which events were announced before, then number and event in turn. The first write is what a server
    /// that is full or read-only refuses, so nothing is ever half done.
    static let appendAlerts = RedisScript(
        endOfKey + """
            local last = endOf(KEYS[1])
            if last ~= ARGV[1] then return last end
            local announced = tonumber(ARGV[4])
            for i = 5, #ARGV, 2 do
                redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], ARGV[i] .. '-0', 'event', ARGV[i + 1])
                if tonumber(ARGV[i]) > announced then redis.call('PUBLISH', ARGV[3], ARGV[i + 1]) end
            end
            return redis.status_reply('OK')
            """
    )

    /// Announces the heartbeat `ARGV[2]` on the channel `ARGV[1]`. The number is read here, so that everything up to it
    /// was announced before.
    static let announceHeartbeat = RedisScript(
        endOfKey + """
            local last = endOf(KEYS[1])
            redis.call('PUBLISH', ARGV[1], string.sub(ARGV[2], 1, -2) .. ',"sequence":"' .. last .. '"}')
            return last
            """
    )
}
