import Foundation

/// The series of the Numenta Anomaly Benchmark and the alerts that the reference raises on them, from `../shared`.
struct BenchmarkCorpus {
    let series: [Series]
    let alerts: [Alert]

    struct Series: CustomStringConvertible {
        let file: String
        let values: [Double]
        let hours: [Int]

        var description: String { file }
    }

    struct Alert {
        let file: String
        let row: Int
        let reason: String
        let margin: Double
    }

    struct Absent: Error, CustomStringConvertible {
        let path: String

        var description: String { "\(path) is absent: these tests read the data in ../shared beside the project" }
    }

    static let shared = Result { try BenchmarkCorpus() }

    private init() throws {
        let root = URL(filePath: #filePath).appending(path: "../../../../shared/data").standardized
        alerts = try Self.rows(root.appending(path: "rarity_golden.csv")).map { fields in
            guard let row = Int(fields[1]), let margin = Double(fields[5]) else { throw CocoaError(.formatting) }
            return Alert(file: String(fields[0]), row: row, reason: String(fields[4]), margin: margin)
        }
        let folder = root.appending(path: "nab/data")
        let paths = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        series = try paths.filter { $0.hasSuffix(".csv") }.sorted().map { file in
            let rows = try Self.rows(folder.appending(path: file))
            return Series(
                file: file,
                values: rows.compactMap { Double($0[1]) },
                // 2014-04-11 00:00:00
                hours: rows.compactMap { Int($0[0].dropFirst(11).prefix(2)) },
            )
        }
    }

    /// The fields of the lines after the header. By bytes, since characters are slow in a debug build.
    private static func rows(_ file: URL) throws -> [[Substring]] {
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { throw Absent(path: file.path) }
        return text.utf8.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }.dropFirst()
            .map { line in line.split(separator: UInt8(ascii: ",")).map { Substring($0) } }
    }
}
