import CairnTestSupport
import Foundation
import Testing

/// What `tail` shows of the journal's end, and of what comes, where it is told what to look for.
struct TailFilterTests {
    struct Case: CustomTestStringConvertible {
        let arguments: [String]
        let positions: [Int]

        var testDescription: String { arguments.joined(separator: " ") }
    }

    /// Of ten events at positions 1 to 10, in the order of their times.
    static let cases = [
        Case(arguments: ["--tenant", "other"], positions: [9, 10]),
        Case(arguments: ["--request", "R-3"], positions: [6, 7, 8]),
        Case(arguments: ["--stage", "ORCHESTRATION"], positions: [1, 4, 6]),
        Case(arguments: ["--type", "PARSE_OK"], positions: [3, 10]),
        Case(arguments: ["--status", "SUCCESS", "--tenant", "anthem"], positions: [1, 3, 4, 6]),
        Case(arguments: ["--kind", "pipeline", "-n", "2"], positions: [9, 10]),
        Case(arguments: ["--kind", "job"], positions: []),
        Case(arguments: ["--stream", "pipeline/R-2"], positions: [4, 5]),
        Case(arguments: ["--where", "metadata.diagnosisCount > 10"], positions: [3]),
        Case(arguments: ["--where", "pagw_id == R-1 and position < 3"], positions: [1, 2]),
        Case(arguments: ["--where", "exists error_code", "--as-of", "7"], positions: []),
        Case(arguments: ["--stage", "PARSING", "-n", "1"], positions: [10]),
    ]

    @Test(arguments: cases)
    func `a filter chooses among the events`(_ filter: Case) async throws {
        let fixture = try await Fixture()
        let run = try await fixture.cairn(["tail", "--format", "json"] + filter.arguments)
        #expect(run.status == 0, "\(run.error)")
        let rows = try #require(run.json as? [[String: Any]])
        #expect(rows.compactMap { $0["position"] as? Int } == filter.positions)
        let text = try await fixture.cairn(["tail"] + filter.arguments)
        let lines = text.output.split(separator: "\n")
        if filter.positions.isEmpty {
            #expect(text.output == "no such events\n")
        } else {
            #expect(lines.count == filter.positions.count + 1)
        }
    }

    @Test func `events that are no request's are found by what all events have`() async throws {
        let fixture = try await ItemFixture()
        func types(_ arguments: String...) async throws -> [String] {
            let run = try await fixture.cairn(["tail", "--format", "json"] + arguments)
            let rows = try #require(run.json as? [[String: Any]], "\(run.error)")
            return rows.compactMap { $0["type"] as? String }
        }
        #expect(try await types("--kind", "job") == ["run.began", "job.paused"])
        #expect(try await types("--type", "job.paused") == ["job.paused"])
        #expect(try await types("--where", "type == 'job.paused'") == ["job.paused"])
        #expect(try await types("--stream", "job/newsletter", "-n", "1") == ["job.paused"])
        #expect(try await types("--tenant", "anthem") == [])
        #expect(try await types("--where", "not exists stage", "--kind", "job").count == 2)
    }

    @Test func `an unknown name is pointed at`() async throws {
        let fixture = try await Fixture()
        for follow in [[], ["--follow"]] {
            let run = try await fixture.cairn(["tail", "--where", "stag == PARSING"] + follow)
            #expect(run.status == 64)
            let lines = run.error.split(separator: "\n")
            #expect(lines.first?.contains("stag") == true)
            #expect(lines.last?.contains("^") == true)
        }
    }

    @Test func `only what comes is shown where no line is wanted to begin with`() async throws {
        let fixture = try await Fixture()
        var command = try CairnProcess.command(
            ["tail", "--follow", "-n", "0", "--format", "json", "--journal", "j"],
            in: fixture.folder.url
        )
        try fixture.folder.file("shown", "")
        command.output = .file(fixture.folder.path("shown"))
        let process = try await command.start()
        var number = 10
        // It may look at the end only after the first of these came.
        while number < 500, try fixture.folder.text("shown").isEmpty {
            number += 1
            try fixture.folder.file(
                "more.csv",
                "tenant,pagw_id,stage,event_type,status,sequence_no,created_at\n"
                    + "t,N-\(number),PARSING,PARSE_OK,COMPLETED,1,2025-12-25T10:30:00Z\n"
            )
            #expect(try await fixture.cairn("import more.csv").status == 0)
        }
        try await process.terminate()
        let lines = try fixture.folder.text("shown").split(separator: "\n")
        #expect(try #require(lines.first).contains(#""stream":"pipeline/N-"#), "\(lines)")
    }

    @Test(arguments: ["json", "text"])
    func `what comes is filtered, too`(format: String) async throws {
        let fixture = try await Fixture()
        let line = ["tail", "--follow", "--format", format, "--journal", "j"]
        var command = try CairnProcess.command(
            line + ["--tenant", "anthem", "--where", "event_type == PARSE_START and position > 6"],
            in: fixture.folder.url
        )
        let pipe = Pipe()
        command.output = .descriptor(pipe.fileHandleForWriting.fileDescriptor)
        let process = try await command.start()
        try pipe.fileHandleForWriting.close()
        var seen = Data()
        func readLines(_ count: Int) throws {
            while seen.count(where: { $0 == UInt8(ascii: "\n") }) < count {
                guard let more = try pipe.fileHandleForReading.read(upToCount: 1), !more.isEmpty
                else { return }
                seen += more
            }
        }
        let headingCount = format == "text" ? 1 : 0
        try readLines(headingCount + 1)
        for (name, row) in [
            ("other", "other,R-6,PARSING,PARSE_START,STARTED"),
            ("end", "anthem,R-7,PARSING,PARSE_OK,COMPLETED"),
            ("wanted", "anthem,R-8,PARSING,PARSE_START,STARTED"),
        ] {
            try fixture.folder.file(
                "\(name).csv",
                "tenant,pagw_id,stage,event_type,status,sequence_no,created_at\n"
                    + "\(row),1,2025-12-25T10:30:00Z\n"
            )
            #expect(try await fixture.cairn("import \(name).csv").status == 0)
        }
        try readLines(headingCount + 2)
        let lines = String(decoding: seen, as: UTF8.self).split(separator: "\n")
        #expect(lines.count == headingCount + 2)
        #expect(lines[headingCount].contains("R-3"))
        #expect(lines.last?.contains("R-8") == true)
        try await process.terminate()
    }
}
