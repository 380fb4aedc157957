public import Activity
public struct DetectionSettings: Sendable, Hashable { public var lifecycle = AlertLifecycle.Settings(); public var allow = AllowList(); public var volume = VolumeSettings(); public var operations = Operations(); public struct Operations: Sendable, Hashable { public var staleAfter = 60; public init() {} }; public init() {} }
public struct VolumeBucket: Sendable { public init(start: Timestamp, action: String, events: Int) {} }
public struct KnownAddress: Sendable { public init(user: String, ip: String, at: Timestamp) {} }
public struct VolumeSettings: Sendable, Hashable { public var bucket = 300; public init() {} }
public struct EntityHour: Sendable { public init(hour: Hour, isUser: Bool, name: String, events: Int) {} }
public struct DetectorFailure: Sendable, Hashable { public var detector: String; public var reason: String }
public struct DetectionEngine: Sendable {
    public init(_ settings: DetectionSettings) {}
    public mutating func absorb(_ events: [ActivityEvent], now: Timestamp) -> [Finding] { [] }
    public mutating func advance(to now: Timestamp) -> [Finding] { [] }
    public var nextDeadline: Timestamp? { nil }
    public mutating func takeChanges() -> [StateChange] { [] }
    public mutating func restore(_ changes: [StateChange]) {}
    public mutating func disable(_ detector: String, reason: String) {}
    public mutating func takeFailures() -> [DetectorFailure] { [] }
    public mutating func learn(volume: [VolumeBucket]) {}
    public mutating func learn(logins: [KnownAddress]) {}
    public mutating func learn(hours: [EntityHour]) {}
}
public struct AllowList: Sendable, Hashable { public init() {}; public func reason(for finding: Finding) -> String? { nil } }
public struct Silence: Sendable, Hashable {
    public var id: Int64
    public init(id: Int64, rule: String?, fingerprint: String?, address: String?, userId: String?) { self.id = id }
    public func matches(_ finding: Finding, fingerprint: String) -> Bool { false }
}
extension Finding { public var fingerprint: String { "x" } }
