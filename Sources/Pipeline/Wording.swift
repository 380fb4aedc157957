extension BinaryInteger {
    /// With commas between the thousands.
    var grouped: String {
        let digits = Array(magnitude.description)
        let groups = digits.indices.map { index in
            index > 0 && (digits.count - index) % 3 == 0 ? ",\(digits[index])" : "\(digits[index])"
        }
        return (self < 0 ? "-" : "") + groups.joined()
    }

    /// So many of something.
    func of(_ one: String, _ more: String? = nil) -> String {
        "\(grouped) \(self == 1 ? one : more ?? one + "s")"
    }
}
