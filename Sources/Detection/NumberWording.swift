// Numbers in the reasons of findings, as people read them.

extension Int {
    /// With commas between thousands: 3,120.
    var grouped: String {
        var text = ""
        for (index, digit) in String(magnitude).reversed().enumerated() {
            if index > 0 && index % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return (self < 0 ? "-" : "") + String(text.reversed())
    }
}

extension Double {
    /// A whole number when it is one or large, otherwise with three significant digits at most: 412, 51.2, 0.0413.
    var brief: String {
        guard magnitude < 1e15 else { return description }
        if rounded() == self { return Int(self).grouped }
        var scale = 1.0
        while magnitude * scale < 100 && scale < 1e12 { scale *= 10 }
        let short = (self * scale).rounded() / scale
        return short.rounded() == short ? Int(short).grouped : short.description
    }
}
