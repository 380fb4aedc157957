/// A value for `$1`, `$2`, … of a statement.
///
/// The type is sent along, so that the server infers nothing from the text of the statement; only `null` and `untyped`
/// take the type of their place. Array parameters make one statement of many rows: `unnest($1, $2)`.
public enum PostgresParameter: Sendable, Hashable {
    /// NULL of whatever type fits.
    case null
    /// A `boolean`.
    case bool(Bool)
    /// An `integer`.
    case int4(Int32)
    /// A `bigint`.
    case int8(Int64)
    /// A `double precision`.
    case double(Double)
    /// A `text`. The server refuses a NUL character.
    case text(String)
    /// A `bytea`.
    case bytes([UInt8])
    /// A `timestamptz` in microseconds since 1970; `Int64.max` and `Int64.min` are the infinities.
    case timestamp(Int64)
    /// A literal of whatever type fits, for example a `uuid`, `jsonb`, `interval` or an enumeration.
    case untyped(String)
    /// A `boolean[]`.
    case boolArray([Bool])
    /// An `integer[]`.
    case int4Array([Int32])
    /// A `bigint[]`.
    case int8Array([Int64])
    /// A `double precision[]`.
    case doubleArray([Double])
    /// A `text[]`.
    case textArray([String])
    /// A `text[]` that may hold NULL.
    case optionalTextArray([String?])
    /// A `bytea[]` that may hold NULL.
    case optionalBytesArray([[UInt8]?])
    /// A `timestamptz[]` in microseconds since 1970.
    case timestampArray([Int64])

    var type: PostgresType {
        switch self {
        case .null, .untyped: .inferred
        case .bool: .bool
        case .int4: .int4
        case .int8: .int8
        case .double: .float8
        case .text: .text
        case .bytes: .bytea
        case .timestamp: .timestamptz
        case .boolArray: .boolArray
        case .int4Array: .int4Array
        case .int8Array: .int8Array
        case .doubleArray: .float8Array
        case .textArray, .optionalTextArray: .textArray
        case .optionalBytesArray: .byteaArray
        case .timestampArray: .timestamptzArray
        }
    }
}
