import Foundation
import Testing

/// `activityd backtest`, as a program.
final class BacktestTests {
    private let directory = FileManager.default.temporaryDirectory.appending(path: "backtest-\(UUID().uuidString)")

    deinit {
        try? FileManager.default.removeItem(at: directory)
    }

    private struct Alert: Decodable, Equatable {
        var row: Int
        var timestamp: String
        var value: Double
        var reason: String
        var margin: Double
    }

    @Test func raisesTheAlertsOfTheReference() async throws {
        let data = URL(filePath: #filePath).appending(path: "../../../../shared/data").standardized
        let golden = try String(contentsOf: data.appending(path: "rarity_golden.csv"), encoding: .utf8)
        for file in ["realKnownCause/nyc_taxi.csv", "realAWSCloudwatch/ec2_cpu_utilization_24ae8d.csv"] {
            let wanted = golden.split(separator: "\n").filter { $0.hasPrefix(file) }.map { $0.split(separator: ",") }
            let found = try await alerts(["--csv", data.appending(path: "nab/data/\(file)").path])
            #expect(found.map(\.row) == wanted.map { Int($0[1]) })
            #expect(found.map(\.timestamp) == wanted.map { String($0[2]) })
            #expect(found.map(\.value) == wanted.map { Double($0[3]) })
            #expect(found.map(\.reason) == wanted.map { String($0[4]) })
            for (alert, fields) in zip(found, wanted) {
                #expect(abs(alert.margin - (Double(fields[5]) ?? .nan)) <= 1e-6)
            }
            #expect(!found.isEmpty)
        }
    }

    @Test func findsTheAttacksInAFileOfEvents() async throws {
        let file = URL(filePath: #filePath).appending(path: "../../../../shared/data/elastic_auth.csv").standardized
        let run = try await ProgramRun(["backtest", "--events", file.path, "--json"])
        #expect(run.code == 0)
        let alerts = try run.output.split(separator: "\n").map { line in
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String] ?? [:]
        }
        #expect(Set(alerts.compactMap { $0["ip"] }).count >= 102)
        let takeover = try #require(alerts.first { $0["alertType"] == "ACCOUNT_TAKEOVER" })
        #expect(takeover["timestamp"] == "2017-03-30T16:01:36Z")
        #expect(takeover["severity"] == "critical")
        #expect(takeover["userId"] == "elastic_user_0")
        #expect(takeover["reason"]?.isEmpty == false)
    }

    @Test func namesTheFieldOfAnEventThatCannotBeRead() async throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let file = directory.appending(path: "events.csv")
        try "ts,ip,user,action,collection,item\nyesterday,,,login,,\n".write(
            to: file,
            atomically: true,
            encoding: .utf8,
        )
        let run = try await ProgramRun(["backtest", "--events", file.path])
        #expect(run.code == 65)
        #expect(run.output.contains("row 0, column ts: 'yesterday' is refused; accepted are moments such as"))
        try "ts,ip\n".write(to: file, atomically: true, encoding: .utf8)
        let missing = try await ProgramRun(["backtest", "--events", file.path])
        #expect(missing.code == 64)
        #expect(missing.output.contains("has no column user; accepted is one of ts, ip"))
    }

    @Test func readsQuotedFieldsAndOtherColumns() async throws {
        let rows = (0..<1_000).map { row in
            let time = "2026-01-0\(row / 288 + 1)T\(String(format: "%02d:%02d", row / 12 % 24, row % 12 * 5)):00Z"
            return "\"a \"\"b\"\",\r\nc\",\"\(time)\",\"\(row == 900 ? 5_000 : row * 7_919 % 101)\"\r\n"
        }
        let file = try write("note,\"at, UTC\",count\r\n" + rows.joined())
        let found = try await alerts(["--csv", file, "--time", "at, UTC", "--value", "count"])
        #expect(found.map(\.row) == [900])
        #expect(found.first?.timestamp == "2026-01-04T03:00:00Z")
        let table = try await ProgramRun(["backtest", "--csv", file, "--time", "at, UTC", "--value", "count"])
        #expect(table.code == 0)
        #expect(table.output.contains("REASON"))
        #expect(table.output.contains("900  2026-01-04T03:00:00Z  5000.0"), "\(table.output)")
    }

    @Test(
        arguments: [
            (
                "timestamp,count\n2026-01-01 00:00:00,1\n", 64,
                "has no column value; accepted is one of timestamp, count",
            ),
            ("", 64, "is empty; a header is expected"),
            (
                "timestamp,value\n2026-01-01 00:00:00,1\n2026-01-01 00:05:00,n/a\n", 65,
                "row 1, column value: 'n/a' is refused",
            ),
            ("timestamp,value\n2026-01-01 00:00:00,inf\n", 65, "accepted are numbers from -1e100 to 1e100"),
            ("timestamp,value\n2026-01-01 00:00:00,nan\n", 65, "'nan' is refused"),
            ("timestamp,value\nyesterday,1\n", 65, "row 0, column timestamp: 'yesterday' is refused"),
            ("timestamp,value\n2026-01-01 24:00:00,1\n", 65, "accepted are moments such as"),
            ("timestamp,value\n2026-01-01 00:00:00,1,2\n", 65, "row 0: 3 fields instead of 2"),
            ("timestamp,value\n2026-01-01 00:00:00,\"1\n", 65, "row 0: a quote is opened and not closed"),
        ] as [(String, Int32, String)]
    )
    func saysWhatIsWrongWithAFile(content: String, code: Int32, reason: String) async throws {
        let run = try await ProgramRun(["backtest", "--csv", try write(content), "--json"])
        #expect(run.code == code)
        #expect(run.output.contains(reason), "\(run.output)")
    }

    @Test func saysWhichFileIsAbsent() async throws {
        let run = try await ProgramRun(["backtest", "--csv", "/nowhere.csv"])
        #expect(run.code == 64)
        #expect(run.output.contains("/nowhere.csv cannot be read"))
    }

    @Test func hasNothingToSayOfAShortSeries() async throws {
        let file = try write("timestamp,value\n2026-01-01 00:00:00,1\n")
        let table = try await ProgramRun(["backtest", "--csv", file])
        #expect(table.code == 0 && table.output == "nothing unusual\n")
        #expect(try await alerts(["--csv", file]).isEmpty)
    }

    @Test func triesOtherThresholdsOnRequest() async throws {
        let rows = (0..<1_000).map { "2026-01-01 00:00:00,\($0 == 900 ? 5_000 : $0 * 7_919 % 101)\n" }
        let file = try write("timestamp,value\n" + rows.joined())
        let trials = try write(
            "rareValue=6.9\nrareValue=20 rareBurst=100 rareLevel=20 offProfile=100\n",
            name: "trials",
        )
        let run = try await ProgramRun(["backtest", "--csv", file, "--trials", trials])
        #expect(run.output == "[900]\n[]\n")
        let refused = try await ProgramRun(["backtest", "--csv", file, "--trials", try write("rare=1", name: "bad")])
        #expect(refused.code == 65)
        #expect(refused.output.contains("'rare=1' is refused; accepted are NAME=NUMBER with barDecay, barStep"))
    }

    private func alerts(_ arguments: [String]) async throws -> [Alert] {
        let run = try await ProgramRun(["backtest", "--json"] + arguments)
        try #require(run.code == 0, "\(run.output)")
        return try run.output.split(separator: "\n").map { try JSONDecoder().decode(Alert.self, from: Data($0.utf8)) }
    }

    private func write(_ content: String, name: String = "series.csv") throws -> String {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let file = directory.appending(path: name)
        try Data(content.utf8).write(to: file)
        return file.path
    }
}
