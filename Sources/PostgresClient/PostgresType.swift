/// The identity (OID) of a PostgreSQL data type, as the server reports it for a column.
///
/// Source: `src/include/catalog/pg_type.dat`; the numbers of built-in types never change.
public struct PostgresType: RawRepresentable, Hashable, Sendable {
    /// The OID.
    public let rawValue: UInt32

    /// Creates a type from its OID.
    @inlinable
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Types created in the database (enumerations, extensions) have OIDs from here on: `FirstNormalObjectId`.
    var isUserDefined: Bool { rawValue >= 16_384 }
}

extension PostgresType {
    /// Lets the server infer the type.
    @inlinable public static var inferred: Self { Self(rawValue: 0) }
    /// `boolean`.
    @inlinable public static var bool: Self { Self(rawValue: 16) }
    /// `bytea`.
    @inlinable public static var bytea: Self { Self(rawValue: 17) }
    /// `"char"`, a single byte.
    @inlinable public static var char: Self { Self(rawValue: 18) }
    /// `name`.
    @inlinable public static var name: Self { Self(rawValue: 19) }
    /// `bigint`.
    @inlinable public static var int8: Self { Self(rawValue: 20) }
    /// `smallint`.
    @inlinable public static var int2: Self { Self(rawValue: 21) }
    /// `integer`.
    @inlinable public static var int4: Self { Self(rawValue: 23) }
    /// `text`.
    @inlinable public static var text: Self { Self(rawValue: 25) }
    /// `oid`.
    @inlinable public static var oid: Self { Self(rawValue: 26) }
    /// `xid`.
    @inlinable public static var xid: Self { Self(rawValue: 28) }
    /// `json`.
    @inlinable public static var json: Self { Self(rawValue: 114) }
    /// `xml`.
    @inlinable public static var xml: Self { Self(rawValue: 142) }
    /// `real`.
    @inlinable public static var float4: Self { Self(rawValue: 700) }
    /// `double precision`.
    @inlinable public static var float8: Self { Self(rawValue: 701) }
    /// A literal whose type nothing decided.
    @inlinable public static var unknown: Self { Self(rawValue: 705) }
    /// `character(n)`.
    @inlinable public static var bpchar: Self { Self(rawValue: 1042) }
    /// `character varying`.
    @inlinable public static var varchar: Self { Self(rawValue: 1043) }
    /// `timestamp without time zone`; this client reads it as UTC.
    @inlinable public static var timestamp: Self { Self(rawValue: 1114) }
    /// `timestamp with time zone`.
    @inlinable public static var timestamptz: Self { Self(rawValue: 1184) }
    /// `numeric`.
    @inlinable public static var numeric: Self { Self(rawValue: 1700) }
    /// `void`, what a procedure-like function returns.
    @inlinable public static var void: Self { Self(rawValue: 2278) }
    /// `uuid`.
    @inlinable public static var uuid: Self { Self(rawValue: 2950) }
    /// `pg_lsn`.
    @inlinable public static var lsn: Self { Self(rawValue: 3220) }
    /// `jsonb`.
    @inlinable public static var jsonb: Self { Self(rawValue: 3802) }
    /// `xid8`.
    @inlinable public static var xid8: Self { Self(rawValue: 5069) }
    /// `boolean[]`.
    @inlinable public static var boolArray: Self { Self(rawValue: 1000) }
    /// `bytea[]`.
    @inlinable public static var byteaArray: Self { Self(rawValue: 1001) }
    /// `integer[]`.
    @inlinable public static var int4Array: Self { Self(rawValue: 1007) }
    /// `text[]`.
    @inlinable public static var textArray: Self { Self(rawValue: 1009) }
    /// `bigint[]`.
    @inlinable public static var int8Array: Self { Self(rawValue: 1016) }
    /// `double precision[]`.
    @inlinable public static var float8Array: Self { Self(rawValue: 1022) }
    /// `timestamptz[]`.
    @inlinable public static var timestamptzArray: Self { Self(rawValue: 1185) }
}
