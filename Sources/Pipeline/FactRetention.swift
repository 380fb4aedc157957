/// How long facts are kept.
package enum FactRetention: Sendable, Hashable {
    /// For ever, whatever Directus deletes.
    case keep
    /// By whole months, as long as `directus_activity` has rows of theirs or of a month before.
    case mirror
    /// By whole months, until all of theirs is so many days old.
    case days(Int)

    /// Windows reach back 366 days, and what they show must not depend on when the job ran last.
    package static let acceptedDays = 400...36_500
}
