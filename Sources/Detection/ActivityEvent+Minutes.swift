import Activity

extension Array where Element == ActivityEvent {
    /// Runs of neighbours of the same minute.
    var byMinute: [ArraySlice<Element>] {
        var minutes: [ArraySlice<Element>] = []
        var start = startIndex
        while start < endIndex {
            let minute = RequestWindow.minute(of: self[start].at)
            let end = self[start...].firstIndex { RequestWindow.minute(of: $0.at) != minute } ?? endIndex
            minutes.append(self[start..<end])
            start = end
        }
        return minutes
    }
}
