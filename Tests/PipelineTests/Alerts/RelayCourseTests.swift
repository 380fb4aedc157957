import Testing

@testable import Pipeline

struct RelayCourseTests {
    private static func course(from end: Int64, numbered: Int64, delivered: Int64, refill: Int64 = 100) -> RelayCourse {
        RelayCourse(from: end, AlertPosition(numbered: numbered, delivered: delivered), refillLength: refill)
    }

    @Test func goesOnFromTheEnd() {
        let course = Self.course(from: 50, numbered: 60, delivered: 50)
        #expect(course.start == 50)
        #expect(course.refill == 0)
    }

    @Test func goesBackToTheEndOfAStreamThatLostEvents() {
        var course = Self.course(from: 40, numbered: 60, delivered: 50)
        #expect(course.start == 40)
        #expect(course.refill == 10)
        #expect(course.announced == 50)
        let rewind = course.rewind(to: 41)
        #expect(rewind?.from == 50)
        #expect(rewind?.to == 40)
        let again = course.rewind(to: 46)
        #expect(again == nil)
    }

    /// What it would have trimmed is not sent again, but what nobody has heard of is.
    @Test(arguments: [(500 as Int64, 400 as Int64), (350, 350)])
    func fillsAnEmptyStreamWithWhatItWouldHold(delivered: Int64, start: Int64) {
        let course = Self.course(from: 0, numbered: 500, delivered: delivered)
        #expect(course.start == start)
        #expect(course.end == 0)
    }

    @Test func skipsWhatAnotherDaemonHasSent() {
        var course = Self.course(from: 50, numbered: 60, delivered: 50)
        let isFurther = course.skip(to: 55)
        #expect(isFurther)
        #expect(course.start == 55)
        #expect(course.announced == 55)
        for end in [54, 0] as [Int64] {
            let isFurther = course.skip(to: end)
            #expect(!isFurther)
        }
    }
}
