/// A series of numbers from a file of comma-separated values.
struct SeriesFile: Sendable {
    /// The moments as the file has them.
    let times: [String]
    let hours: [Int]
    let values: [Double]

    /// Reads two columns of a file.
    ///
    /// - Parameters:
    ///   - path: where the file is.
    ///   - time: the name of the column with moments, `2014-04-11 00:00:00` or as in RFC 3339; nothing but the hour of
    ///     the day matters.
    ///   - value: the name of the column with numbers.
    /// - Throws: ``CSVError``.
    init(path: String, time: String, value: String) throws(CSVError) {
        let file = try CSVFile(path: path)
        let (time, value) = (try file.column(time), try file.column(value))
        var (times, hours, values): ([String], [Int], [Double]) = ([], [], [])
        for (row, fields) in file.rows.enumerated() {
            guard let hour = Self.hour(fields[time]) else {
                let accepted = "are moments such as 2014-04-11 09:05:00 and 2014-04-11T09:05:00Z"
                throw file.refusal(row: row, column: time, accepted: accepted)
            }
            guard let number = Double(fields[value]), number.magnitude <= 1e100 else {
                throw file.refusal(row: row, column: value, accepted: "are numbers from -1e100 to 1e100")
            }
            times.append(fields[time])
            hours.append(hour)
            values.append(number)
        }
        (self.times, self.hours, self.values) = (times, hours, values)
    }

    /// The hour of `2014-04-11 09:05:00`, as it stands there.
    private static func hour(_ text: String) -> Int? {
        let bytes = Array(text.utf8.prefix(19))
        guard bytes.count >= 16, bytes[10] == UInt8(ascii: " ") || bytes[10] == UInt8(ascii: "T") else { return nil }
        let pattern = Array("dddd-dd-dd?dd:dd:dd".utf8)
        for (byte, expected) in zip(bytes, pattern) where expected != UInt8(ascii: "?") {
            let isDigit = UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
            guard expected == UInt8(ascii: "d") ? isDigit : byte == expected else { return nil }
        }
        let hour = Int(bytes[11] - UInt8(ascii: "0")) * 10 + Int(bytes[12] - UInt8(ascii: "0"))
        return hour < 24 ? hour : nil
    }
}
