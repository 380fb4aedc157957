import RedisClient
import Testing

@Suite struct RESPValueTests {
    @Test(
        arguments: [
            (RESPValue.null, nil, nil),
            (.status("OK"), "OK", nil),
            (.string(Array("12".utf8)), "12", 12),
            (.string([0xFF]), nil, nil),
            (.string([]), "", nil),
            (.integer(-5), nil, -5),
            (.error("ERR 5"), nil, nil),
            (.array([.integer(1)]), nil, nil),
        ] as [(RESPValue, String?, Int64?)]
    )
    func convertsWhereItMeansThat(value: RESPValue, text: String?, int: Int64?) {
        #expect(value.text == text)
        #expect(value.int == int)
    }

    @Test func givesBytesAndElements() {
        #expect(RESPValue.string([1, 2]).bytes == [1, 2])
        #expect(RESPValue.status("x").bytes == nil)
        #expect(RESPValue.array([.null]).elements == [.null])
        #expect(RESPValue.null.isNull)
    }

    @Test func commandShowsNoValues() {
        let command = RedisCommand("SET", "key", "sesame")
        var dumped = ""
        dump(command, to: &dumped)
        #expect("\(command)" == "SET with 2 arguments")
        #expect(!dumped.contains("sesame"))
    }
}
