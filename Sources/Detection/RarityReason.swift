/// What a rarity detector finds unusual about a value, by the name that alerts and configurations have for it.
public enum RarityReason: String, Sendable, Hashable, Codable, CaseIterable {
    /// Hardly any value of the past is like this one.
    case rareValue = "rare-value"
    /// Hardly any average of the past is like that of the last while: a slow rise, a drop, a standstill.
    case rareLevel = "rare-level"
    /// For a while now values have been less usual than they mostly are, each by a little.
    case rareBurst = "rare-burst"
    /// For a while now values have not been what they are at this hour of the day.
    case offProfile = "off-profile"

    /// Among equally unusual ones the first is given. A constant, since `allCases` makes an array each time.
    static let byRank: [RarityReason] = [.rareValue, .rareLevel, .rareBurst, .offProfile]
}
