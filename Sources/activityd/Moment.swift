import Activity
import ArgumentParser

/// A moment as RFC 3339 has it.
struct Moment: ExpressibleByArgument {
    let value: Timestamp

    init?(argument: String) {
        guard let value = Timestamp(rfc3339: argument) else { return nil }
        self.value = value
    }
}
