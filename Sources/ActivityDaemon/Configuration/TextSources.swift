/// The sources that are pairs of texts: `ACTIVITYD_*` variables, credentials and flags.
enum TextSources {
    /// All other variables are none of our business, or the predecessor's.
    static func read(variables: [EnvironmentVariable]) -> ConfigurationReading {
        var reading = ConfigurationReading()
        let known = ConfigurationKey.all.map(\.variable)
        for variable in variables where variable.name.hasPrefix(ConfigurationKey.variablePrefix) {
            if let key = ConfigurationKey.byVariable[variable.name] {
                reading.assign(variable.value, to: key, from: variable.origin)
            } else {
                let suggestion = ConfigurationKey.nearest(to: variable.name, among: known)
                reading.refuse(nil, .unknown(suggestion: suggestion, known: known), from: variable.origin)
            }
        }
        return reading
    }

    static func read(flags: [String: String]) -> ConfigurationReading {
        var reading = ConfigurationReading()
        let known = ConfigurationKey.all.map(\.name)
        for (name, value) in flags.sorted(by: { $0.key < $1.key }) {
            if let key = ConfigurationKey.byName[name] {
                reading.assign(value, to: key, from: .commandLine)
            } else {
                let suggestion = ConfigurationKey.nearest(to: name, among: known)
                reading.refuse(name, .unknown(suggestion: suggestion, known: known), from: .commandLine)
            }
        }
        return reading
    }

    /// A file named after its key for each secret, as `LoadCredential=` provides; files of other names are not ours.
    static func read(credentialsDirectory directory: String) -> ConfigurationReading {
        var reading = ConfigurationReading()
        for key in ConfigurationKey.all where key.isSecret {
            let path = "\(directory)/\(key.name)"
            let origin = ConfigurationOrigin.credential(path: path)
            do throws(TextFile.Unreadable) {
                let text = try withoutLineEnd(TextFile.contents(of: path))
                if !text.isEmpty {
                    reading.assign(text, to: key, from: origin)
                }
            } catch  where error.isMissing {
                continue
            } catch {
                reading.refuse(nil, .unreadable(error.reason), from: origin)
            }
        }
        return reading
    }

    /// Editors end the last line; nobody means that as a part of the password.
    private static func withoutLineEnd(_ text: String) -> String {
        String(text.last?.isNewline == true ? text.dropLast() : text[...])
    }
}
