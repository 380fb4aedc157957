import Systemd
import Testing

@testable import ActivityDaemon

struct ServiceLifeTests {
    private let start = ContinuousClock.now

    /// A life whose steps can be looked at one by one.
    private final class Course {
        private(set) var life = ServiceLife()
        func after(_ step: (inout ServiceLife) -> [ServiceState]) -> [ServiceState] { step(&life) }
    }

    private func isReloading(_ states: [ServiceState]) -> Bool {
        guard states.count == 1, case .reloading = states[0] else { return false }
        return true
    }

    @Test func isReadyOnce() {
        let course = Course()
        #expect(course.after { $0.becomeReady("well", at: start) } == [.ready, .status("well")])
        #expect(course.after { $0.becomeReady("well", at: start) } == [])
        #expect(course.life.phase == .running)
    }

    @Test func showsAStatusOnlyWhenItHasChangedAndOnceASecond() {
        let course = Course()
        #expect(course.after { $0.show("a", at: start) } == [.status("a")])
        #expect(course.after { $0.show("a", at: start + .seconds(5)) } == [])
        #expect(course.after { $0.show("b", at: start + .seconds(5)) } == [.status("b")])
        #expect(course.after { $0.show("c", at: start + .milliseconds(5_999)) } == [])
        #expect(course.after { $0.show("c", at: start + .seconds(6)) } == [.status("c")])
    }

    @Test func beginsAndEndsAReload() {
        let course = Course()
        _ = course.after { $0.becomeReady("well", at: start) }
        #expect(isReloading(course.after { $0.beginReload() }))
        #expect(course.life.phase == .reloading)
        #expect(course.after { $0.endReload("refused", at: start) } == [.ready, .status("refused")])
        #expect(course.life.phase == .running)
    }

    /// The `READY=1` that ends a reload would end the start.
    @Test func saysNothingOfAReloadBeforeItIsReady() {
        let course = Course()
        #expect(course.after { $0.beginReload() } == [])
        #expect(course.after { $0.endReload("well", at: start) } == [])
        #expect(course.life.phase == .starting)
    }

    @Test func stopsOnceWhateverItIsAt() {
        let beginnings: [(inout ServiceLife) -> [ServiceState]] = [
            { _ in [] }, { $0.becomeReady("") }, { $0.becomeReady("") + $0.beginReload() },
        ]
        for beginning in beginnings {
            let course = Course()
            _ = course.after(beginning)
            let states = course.after { $0.stop("stopping", at: start) }
            #expect(states == [.stopping, .extendTimeout(.seconds(10)), .status("stopping")])
            #expect(course.after { $0.stop("failed", at: start) } == [.status("failed")])
            #expect(course.after { $0.becomeReady("well", at: start) } == [])
            #expect(course.after { $0.endReload("well", at: start) } == [])
        }
    }

    @Test func asksForMoreTimeOnlyWhileItStartsAndStops() {
        let course = Course()
        #expect(course.after { $0.extend(at: start) } == [.extendTimeout(.seconds(10))])
        #expect(course.after { $0.extend(at: start + .milliseconds(999)) } == [])
        #expect(course.after { $0.extend(at: start + .seconds(1)) } == [.extendTimeout(.seconds(10))])
        _ = course.after { $0.becomeReady("well", at: start) }
        #expect(course.after { $0.extend(at: start + .seconds(60)) } == [])
        _ = course.after { $0.stop("stopping", at: start + .seconds(70)) }
        #expect(course.after { $0.extend(at: start + .seconds(70)) } == [])
        #expect(course.after { $0.extend(at: start + .seconds(71)) } == [.extendTimeout(.seconds(10))])
    }
}
