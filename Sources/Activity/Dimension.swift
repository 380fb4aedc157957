/// The members of one dimension: dense integer codes, from 1, to their names.
public struct Dimension: Sendable {
    private var names: [String] = [""]

    /// A dimension without members.
    public init() {}

    /// One more than the largest code: the size of an array that is indexed by code.
    public var bound: Int { names.count }

    /// The largest code known.
    public var newestCode: Int32 { Int32(names.count - 1) }

    /// The name behind a code; empty for 0, which stands for NULL.
    public subscript(code: Int32) -> String { names[Int(code)] }

    /// The code of a name, or nil when no row ever carried it. Takes time linear in the number of members.
    public func code(of name: String) -> Int32? {
        names.dropFirst().firstIndex(of: name).map(Int32.init)
    }

    /// Adds the name of a code; codes that were skipped stay without a name.
    public mutating func add(_ name: String, code: Int32) {
        while bound <= Int(code) { names.append("") }
        names[Int(code)] = name
    }

    /// All codes in the byte order of their names, so that lists of names come out the same everywhere.
    func codesByName() -> [Int32] {
        (1..<Int32(bound)).sorted { names[Int($0)].precedesInBytes(names[Int($1)]) }
    }
}

/// The four dimensions of the facts.
public struct Dimensions: Sendable {
    /// Names of collections.
    public var collections = Dimension()
    /// Names of actions.
    public var actions = Dimension()
    /// Ids of users, as lower-case UUIDs.
    public var users = Dimension()
    /// Addresses, as opaque text.
    public var ips = Dimension()

    /// Dimensions without members.
    public init() {}
}

extension String {
    /// The order of PostgreSQL's "C" collation. Swift's own `<` follows Unicode equivalence.
    func precedesInBytes(_ other: String) -> Bool {
        utf8.lexicographicallyPrecedes(other.utf8)
    }
}
