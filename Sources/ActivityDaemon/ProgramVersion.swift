/// The version of the program.
package enum ProgramVersion {
    /// That of the first entry of `deploy/debian/changelog`, where it is decided; a test compares the two.
    package static let current = "0.1.0"
}
