/// How far the build of an index is.
package struct IndexProgress: Sendable, Equatable, CustomStringConvertible {
    /// The index.
    package var name: String
    /// PostgreSQL's word for what it is at.
    package var phase: String
    /// How much of that is done, from 0 to 1, where it can be known.
    package var share: Double?
    /// The session whose end it waits for.
    package var waitsFor: Int32?

    package var description: String {
        let share = share.map { ", \(Int($0 * 100)) %" } ?? ""
        let waitsFor = waitsFor.map { ", for session \($0)" } ?? ""
        return "\(name): \(phase)\(share)\(waitsFor)"
    }
}
