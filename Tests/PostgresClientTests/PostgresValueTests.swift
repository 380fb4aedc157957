import PostgresClient
import TestServers
import Testing

/// What goes to the server comes back as it was, and the server understood it as we do.
@Suite(.timeLimit(.minutes(5)), .serialized) struct PostgresValueTests {
    struct RoundTrip: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let parameter: PostgresParameter
        /// How the server prints it; nil for NULL.
        let text: String?
        let isEqual: @Sendable (borrowing PostgresResult) throws -> Bool

        init<Value: PostgresDecodable & Equatable & Sendable>(
            _ parameter: PostgresParameter,
            _ value: Value,
            prints text: String?,
        ) {
            testDescription = "\(parameter) as \(Value.self)"
            self.parameter = parameter
            self.text = text
            isEqual = { try $0.value(0, 0, as: Value.self) == value }
        }
    }

    static let roundTrips = [
        RoundTrip(.bool(true), true, prints: "true"),
        RoundTrip(.bool(false), false, prints: "false"),
        RoundTrip(.int4(.min), Int32.min, prints: "-2147483648"),
        RoundTrip(.int4(7), Int64(7), prints: "7"),
        RoundTrip(.int8(.max), Int.max, prints: "9223372036854775807"),
        RoundTrip(.int8(.min), Int64.min, prints: "-9223372036854775808"),
        RoundTrip(.int8(-1), "-1", prints: "-1"),
        RoundTrip(.double(-0.1), -0.1, prints: "-0.1"),
        RoundTrip(.double(.infinity), Double.infinity, prints: "Infinity"),
        RoundTrip(.text(""), "", prints: ""),
        RoundTrip(.text("Grüße 🦉 \\ ' \" \n"), "Grüße 🦉 \\ ' \" \n", prints: "Grüße 🦉 \\ ' \" \n"),
        RoundTrip(.text("x"), String?.some("x"), prints: "x"),
        RoundTrip(.null, String?.none, prints: nil),
        RoundTrip(.null, [Int64]?.none, prints: nil),
        RoundTrip(.bytes([]), [UInt8](), prints: "\\x"),
        RoundTrip(.bytes([0, 255, 7]), [UInt8]([0, 255, 7]), prints: "\\x00ff07"),
        RoundTrip(.timestamp(0), PostgresTimestamp(microseconds: 0), prints: "1970-01-01 00:00:00+00"),
        RoundTrip(.timestamp(-1), PostgresTimestamp(microseconds: -1), prints: "1969-12-31 23:59:59.999999+00"),
        RoundTrip(.timestamp(.max), PostgresTimestamp.infinity, prints: "infinity"),
        RoundTrip(.timestamp(.min), PostgresTimestamp.negativeInfinity, prints: "-infinity"),
        RoundTrip(.boolArray([true, false]), [true, false], prints: "{t,f}"),
        RoundTrip(.int4Array([1, -2]), [Int32]([1, -2]), prints: "{1,-2}"),
        RoundTrip(.int8Array([]), [Int64](), prints: "{}"),
        RoundTrip(.int8Array([1, .max]), [1, Int64.max], prints: "{1,9223372036854775807}"),
        RoundTrip(.doubleArray([0.5]), [0.5], prints: "{0.5}"),
        RoundTrip(.textArray(["", "ü", "NULL"]), ["", "ü", "NULL"], prints: "{\"\",ü,\"NULL\"}"),
        RoundTrip(
            .optionalBytesArray([[0, 255], nil, []]),
            [[UInt8]?]([[0, 255], nil, []]),
            prints: "{\"\\\\x00ff\",NULL,\"\\\\x\"}",
        ),
        RoundTrip(.optionalTextArray(["a", nil]), [String?]([.some("a"), nil]), prints: "{a,NULL}"),
        RoundTrip(
            .timestampArray([0, .max]),
            [PostgresTimestamp(microseconds: 0), .infinity],
            prints: "{\"1970-01-01 00:00:00+00\",infinity}",
        ),
    ]

    @Test(arguments: roundTrips)
    func comesBackAsItWas(_ example: RoundTrip) async throws {
        let connection = try await sharedConnection()
        let cast = example.parameter == .null ? "::text" : ""
        let result = try await connection.query("SELECT $1\(cast), $1::text", [example.parameter])
        #expect(try result.value(0, 1, as: String?.self) == example.text)
        if example.text != nil { #expect(try example.isEqual(result)) }
        #expect(try example.text != nil || example.isEqual(result))
    }

    @Test(
        arguments: [
            ("'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
            ("'{\"a\": 1}'::json", "{\"a\": 1}"), ("'{\"a\":1}'::jsonb", "{\"a\": 1}"),
            ("'pg_class'::name", "pg_class"),
            ("'ab'::char(4)", "ab  "), ("'x'::\"char\"", "x"), ("'4294967295'::xid", "4294967295"), ("'7'::xid8", "7"),
            ("3::oid", "3"), ("'16/B374D848'::pg_lsn", "16/B374D848"), ("'unknown'", "unknown"), ("NULL::text", nil),
            ("0::numeric", "0"), ("1.50", "1.50"), ("-0.00012", "-0.00012"),
            ("123456789012345678901.5", "123456789012345678901.5"),
            ("10000::numeric", "10000"), ("0.0001", "0.0001"), ("1e20::numeric", "100000000000000000000"),
            ("'NaN'::numeric", "NaN"), ("'-Infinity'::numeric", "-Infinity"), ("pg_sleep(0)", ""),
        ] as [(String, String?)]
    )
    func readsAsText(expression: String, text: String?) async throws {
        let connection = try await sharedConnection()
        let result = try await connection.query("SELECT \(expression)")
        #expect(try result.value(0, 0, as: String?.self) == text)
    }

    @Test func sumsOfIntegersReadAsIntegersThoughTheyAreNumeric() async throws {
        let connection = try await sharedConnection()
        let result = try await connection.query("SELECT sum(n), avg(n) FROM generate_series(1, 4::bigint) n")
        #expect(try result.value(0, 0, as: Int64.self) == 10)
        #expect(try result.value(0, 1, as: Double.self) == 2.5)
    }

    @Test func readsEnumerations() async throws {
        let connection = try await PostgresConnection.connect(freshConfiguration())
        try await connection.execute(script: "CREATE TYPE mood AS ENUM ('glad', 'sad')")
        #expect(try await connection.query("SELECT 'sad'::mood").value(0, 0, as: String.self) == "sad")
    }

    struct Mismatch: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let read: @Sendable (borrowing PostgresResult) throws -> Void

        init<Value: PostgresDecodable & Sendable>(_ expression: String, _ type: Value.Type) {
            testDescription = expression
            read = { _ = try $0.value(0, 0, as: type) }
        }
    }

    @Test(arguments: [
        Mismatch("1::bigint", Int32.self), Mismatch("1.5::float8", Int64.self), Mismatch("1.5::numeric", Int64.self),
        Mismatch("now()", Int64.self), Mismatch("NULL::int", Int32.self), Mismatch("'1 day'::interval", String.self),
        Mismatch("1", Bool.self), Mismatch("ARRAY[[1,2],[3,4]]", [Int32].self),
        Mismatch("ARRAY[1,NULL]", [Int32].self),
        Mismatch("'294276-12-31'::timestamp", PostgresTimestamp.self), Mismatch("'a'", [UInt8].self),
    ])
    func refusesToGuess(_ example: Mismatch) async throws {
        let connection = try await sharedConnection()
        let result = try await connection.query("SELECT \(example.testDescription)")
        let error = #expect(throws: PostgresError.self) { try example.read(result) }
        #expect(error?.code == .decodingFailed)
        #expect(error?.message.hasPrefix("column 0: ") == true)
    }

    @Test func knowsItsRowsAndColumns() async throws {
        let connection = try await sharedConnection()
        let result = try await connection.query("SELECT n, n * 2 AS twice FROM generate_series(1, 3) n")
        #expect(result.rowCount == 3)
        #expect(result.columnCount == 2)
        #expect(result.columnNames == ["n", "twice"])
        #expect(result.columnTypes == [.int4, .int4])
        #expect(result.commandTag == "SELECT 3")
        #expect(try result.map { row in try row.value(1, as: Int.self) } == [2, 4, 6])
        for (row, column) in [(3, 0), (0, 2), (-1, 0), (0, -1)] {
            let error = #expect(throws: PostgresError.self) { try result.value(row, column, as: Int.self) }
            #expect(error?.code == .decodingFailed)
        }
    }

    @Test func countsAffectedRows() async throws {
        let connection = try await sharedConnection()
        try await connection.execute(script: "CREATE TEMP TABLE t (n int)")
        let inserted = try await connection.query("INSERT INTO t SELECT unnest($1::int[])", [.int4Array([1, 2, 3])])
        #expect(inserted.affectedRows == 3)
        #expect(inserted.commandTag == "INSERT 0 3")
        #expect(try await connection.query("DELETE FROM t WHERE n > $1", [.int4(1)]).affectedRows == 2)
        #expect(try await connection.query("").commandTag == "")
    }
}
