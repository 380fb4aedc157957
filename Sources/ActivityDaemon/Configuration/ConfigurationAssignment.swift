/// One source's value for one key.
struct ConfigurationAssignment: Sendable {
    let key: ConfigurationKey
    let value: ConfigurationValue
    let origin: ConfigurationOrigin
}
