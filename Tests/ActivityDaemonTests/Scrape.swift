import Foundation
import FoundationNetworking

/// A scrape of a daemon, as Prometheus would do it.
struct Scrape {
    let text: String
    let type: String

    /// Nil while nothing listens.
    init?(_ daemon: DaemonProcess, accept: String = "text/plain") async throws {
        guard let port = daemon.adminPort, let url = URL(string: "http://127.0.0.1:\(port)/metrics") else { return nil }
        var request = URLRequest(url: url, timeoutInterval: 10)
        request.setValue(accept, forHTTPHeaderField: "Accept")
        guard let (data, response) = try? await URLSession.shared.data(for: request),
            let response = response as? HTTPURLResponse, response.statusCode == 200
        else { return nil }
        text = String(decoding: data, as: UTF8.self)
        type = response.value(forHTTPHeaderField: "Content-Type") ?? ""
    }

    /// The number behind a name with all its labels.
    subscript(_ series: String) -> Double? {
        let line = text.split(separator: "\n").first { $0.hasPrefix(series + " ") }
        return line.flatMap { Double($0.dropFirst(series.utf8.count + 1)) }
    }

    /// The names of all samples.
    var names: Set<String> {
        Set(
            text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
                String($0.prefix { $0 != "{" && $0 != " " })
            }
        )
    }
}
