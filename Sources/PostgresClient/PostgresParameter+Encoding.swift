extension PostgresParameter {
    /// Appends the value in the server's binary format; `untyped` as text.
    func encode(into buffer: inout [UInt8]) {
        switch self {
        case .null: break
        case .bool(let value): buffer.append(value ? 1 : 0)
        case .int4(let value): buffer.append(bigEndian: value)
        case .int8(let value): buffer.append(bigEndian: value)
        case .double(let value): buffer.append(bigEndian: value.bitPattern)
        case .text(let value), .untyped(let value): buffer.append(contentsOf: value.utf8)
        case .bytes(let value): buffer.append(contentsOf: value)
        case .timestamp(let value): buffer.append(bigEndian: PostgresTimestamp(microseconds: value).serverValue)
        case .boolArray, .int4Array, .int8Array, .doubleArray, .textArray, .optionalTextArray, .optionalBytesArray,
            .timestampArray:
            encodeArray(into: &buffer)
        }
    }

    private func encodeArray(into buffer: inout [UInt8]) {
        switch self {
        case .boolArray(let values): Self.encode(values.map(Self.bool), of: .bool, into: &buffer)
        case .int4Array(let values): Self.encode(integers: values, of: .int4, into: &buffer)
        case .int8Array(let values): Self.encode(integers: values, of: .int8, into: &buffer)
        case .doubleArray(let values): Self.encode(integers: values.map(\.bitPattern), of: .float8, into: &buffer)
        case .textArray(let values): Self.encode(values.map(Self.text), of: .text, into: &buffer)
        case .optionalTextArray(let values):
            Self.encode(values.map { $0.map(Self.text) ?? .null }, of: .text, into: &buffer)
        case .optionalBytesArray(let values):
            Self.encode(values.map { $0.map(Self.bytes) ?? .null }, of: .bytea, into: &buffer)
        case .timestampArray(let values):
            let converted = values.map { PostgresTimestamp(microseconds: $0).serverValue }
            Self.encode(integers: converted, of: .timestamptz, into: &buffer)
        case .null, .bool, .int4, .int8, .double, .text, .bytes, .timestamp, .untyped:
            preconditionFailure("encodeArray called for a parameter that is no array")
        }
    }

    /// Large arrays are integers almost always, so these take no detour through a parameter for each element.
    private static func encode<Value: FixedWidthInteger>(
        integers: [Value],
        of type: PostgresType,
        into buffer: inout [UInt8],
    ) {
        let width = MemoryLayout<Value>.size
        buffer.reserveCapacity(buffer.count + 20 + integers.count * (width + 4))
        appendArrayHeader(count: integers.count, of: type, hasNull: false, to: &buffer)
        for integer in integers {
            buffer.append(bigEndian: Int32(truncatingIfNeeded: width))
            buffer.append(bigEndian: integer)
        }
    }

    private static func encode(_ elements: [Self], of type: PostgresType, into buffer: inout [UInt8]) {
        appendArrayHeader(count: elements.count, of: type, hasNull: elements.contains(.null), to: &buffer)
        for element in elements {
            let lengthAt = buffer.count
            buffer.append(bigEndian: Int32(-1))
            guard element != .null else { continue }
            element.encode(into: &buffer)
            buffer.overwrite(at: lengthAt, bigEndian: Int32(truncatingIfNeeded: buffer.count - lengthAt - 4))
        }
    }

    /// Number of dimensions, NULL flag, element type, then length and lower bound of the one dimension.
    private static func appendArrayHeader(
        count: Int,
        of type: PostgresType,
        hasNull: Bool,
        to buffer: inout [UInt8],
    ) {
        buffer.append(bigEndian: Int32(count == 0 ? 0 : 1))
        buffer.append(bigEndian: Int32(hasNull ? 1 : 0))
        buffer.append(bigEndian: type.rawValue)
        guard count > 0 else { return }
        buffer.append(bigEndian: Int32(truncatingIfNeeded: count))
        buffer.append(bigEndian: Int32(1))
    }
}

extension [UInt8] {
    fileprivate mutating func append(bigEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    fileprivate mutating func overwrite(at offset: Int, bigEndian value: Int32) {
        Swift.withUnsafeBytes(of: value.bigEndian) { bytes in
            for (index, byte) in bytes.enumerated() {
                self[offset + index] = byte
            }
        }
    }
}
