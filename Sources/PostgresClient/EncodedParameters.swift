import CLibPQ

/// The parameters of one statement in the shape that `PQsendQueryParams` takes.
///
/// All values lie one behind the other in one buffer. A zero byte follows each, because a literal in text format
/// (`untyped`) must end in one and because an empty value still needs an address: a null pointer means NULL.
struct EncodedParameters {
    private var types: [Oid] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []
    private var offsets: [Int?] = []
    private var values: [UInt8] = [0]

    init(_ parameters: [PostgresParameter]) throws(PostgresError) {
        for (index, parameter) in parameters.enumerated() {
            try append(parameter, number: index + 1)
        }
    }

    private mutating func append(_ parameter: PostgresParameter, number: Int) throws(PostgresError) {
        let start = values.count
        let isNull = parameter == .null
        var isText = false
        if case .untyped(let literal) = parameter {
            guard !literal.utf8.contains(0) else {
                throw PostgresError(.misuse, "parameter $\(number): an untyped literal cannot hold a NUL character")
            }
            isText = true
        }
        parameter.encode(into: &values)
        guard let length = Int32(exactly: values.count - start) else {
            throw PostgresError(.misuse, "parameter $\(number) is longer than 2 GiB")
        }
        values.append(0)
        types.append(parameter.type.rawValue)
        lengths.append(length)
        formats.append(isText ? 0 : 1)
        offsets.append(isNull ? nil : start)
    }

    /// Calls `PQsendQueryParams`, which copies everything; results are asked for in binary format.
    func send(_ sql: String, on connection: OpaquePointer) -> Bool {
        values.withUnsafeBytes { buffer in
            let start = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            let pointers = offsets.map { offset in offset.flatMap { start?.advanced(by: $0) } }
            let count = Int32(clamping: types.count)
            return PQsendQueryParams(connection, sql, count, types, pointers, lengths, formats, 1) == 1
        }
    }
}
