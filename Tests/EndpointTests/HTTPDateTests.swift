import Activity
import Foundation
import Testing

@testable import Endpoint

@Suite("HTTP dates")
struct HTTPDateTests {
    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (4_102_444_799, "Thu, 31 Dec 2099 23:59:59 GMT"),
        (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
    ])
    func areWrittenAsIMFFixdate(_ second: Int64, text: String) {
        #expect(HTTPDate.text(of: Timestamp(microseconds: second * 1_000_000 + 999_999)) == text)
    }

    @Test
    func agreeWithFoundationOverFortyYears() {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        for second in stride(from: Int64(946_684_800), to: 2_208_988_800, by: 9_999_991) {
            let expected = formatter.string(from: Date(timeIntervalSince1970: Double(second)))
            #expect(HTTPDate.text(of: Timestamp(seconds: second)) == expected)
            #expect(HTTPDate.rfc3339(expected) == Timestamp(seconds: second).description)
        }
    }

    @Test(arguments: [
        "", "Sun", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT",
        "Sun, 06 Nov 1994 8:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 gmt", "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun  06 Nov 1994 08:49:37 GMT", "Sun, 0x Nov 1994 08:49:37 GMT",
    ])
    func otherFormsAreNotUnderstood(_ text: String) {
        #expect(HTTPDate.rfc3339(text) == nil)
    }
}
