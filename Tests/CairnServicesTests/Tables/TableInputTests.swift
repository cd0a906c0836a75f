import Cairn
import CairnTestSupport
import Testing

@testable import CairnServices

/// What is wrong with rows is said where it stands.
struct TableInputTests {
    struct BadRow: Sendable, CustomTestStringConvertible {
        let table: TableImport
        let text: String
        /// The line that is told of.
        let line: Int
        let clue: String

        init(_ table: TableImport, _ line: Int, _ text: String, _ clue: String) {
            self.table = table
            self.text = text
            self.line = line
            self.clue = clue
        }

        var testDescription: String { clue }
    }

    private static let system = "id,created_at,level,event_type,lead_id,payload\n"
    private static let touch = "uid,user_id,event,created_at\n"
    private static let prompt =
        "uid,interactive_prompt_session_id,evtype,data,prompt_time,created_at\n"
    private static let prompts = TableImport.prompt(PromptSessionOwners())

    static let badRows = [
        BadRow(.system, 1, "id,level\n1,INFO\n", "no column created_at"),
        BadRow(.system, 1, "id,created_at,level,event_type,colour\n", "has no column 'colour'"),
        BadRow(.system, 1, "id,id,created_at,level,event_type\n", "'id' twice"),
        BadRow(.system, 2, system + ",2026-01-21T10:00:00Z,INFO,a.b,,\n", "id is missing"),
        BadRow(.system, 2, system + "1,noon,INFO,a.b,,\n", "created_at 'noon'"),
        BadRow(.system, 2, system + "1,2026-01-21,INFO,a.b,,\n", "is not a time"),
        BadRow(.system, 2, system + "1,2026-01-21T10:00:00Z,FATAL,a.b,,\n", "INFO, WARN, ERROR"),
        BadRow(.system, 2, system + "1,2026-01-21T10:00:00Z,INFO,a.b,x,\n", "lead_id 'x'"),
        BadRow(.system, 2, system + "1,2026-01-21T10:00:00Z,INFO,a.b,,{\n", "payload: "),
        BadRow(.system, 2, system + "1,2026-01-21T10:00:00Z,INFO\n", "3 cells"),
        BadRow(.system, 2, system + "99999999999999999999,,,,,\n", "out of range"),
        BadRow(.system, 1, #"{"id":"1"}"#, "id must be a whole number"),
        BadRow(.system, 1, #"{"id":1,"id":2}"#, "'id' is given twice"),
        BadRow(.system, 1, #"{"id":1,"uid":2}"#, "has no column 'uid'"),
        BadRow(.system, 1, #"{"id":1"#, "malformed"),
        BadRow(.system, 1, "[\n{\"id\":1}]", "one JSON document"),
        BadRow(.system, 1, "{\n  \"id\": 1\n}", "jq -c"),
        BadRow(.touch, 2, touch + "utbl_1,12,{},1\n", "no member 'type'"),
        BadRow(.touch, 2, touch + "utbl_1,12,\"{\"\"type\"\":\"\"x\"\"}\",1\n", "'x' is no type"),
        BadRow(.touch, 2, touch + "nobody,12,{},1\n", "'nobody' is no uid"),
        BadRow(.touch, 2, touch + "utbl_1,12,{},NaN\n", "created_at 'NaN' is not a number"),
        BadRow(.touch, 2, touch + "utbl_1,12,{},1e999\n", "out of range"),
        BadRow(.touch, 2, touch + "utbl_1,,{},1\n", "user_id is missing"),
        BadRow(prompts, 2, prompt + "ipe_1,1,jump,{},1,1\n", "'jump' is no evtype"),
        BadRow(prompts, 2, prompt + "uid,1,join,{},1,1\n", "'uid' is no uid"),
        BadRow(prompts, 2, prompt + "ipe_1,1,join,[],1,1\n", "no object"),
        BadRow(prompts, 2, prompt + "ipe_1,1,join,{},,1\n", "prompt_time is missing"),
    ]

    @Test(arguments: badRows)
    func `a bad row stops the import where it stands`(_ row: BadRow) async throws {
        let desk = try TableDesk()
        let error = try #require(try await desk.refusal(row.table, row.text))
        #expect(error.description.contains(row.clue), "\(error)")
        #expect(error.place == .line(row.line))
        #expect(error.reason.kind.isBadInput)
        #expect(try await desk.journal.head().lastPosition == .zero)
    }

    @Test func `rows before a bad one are there, and mended it goes on`() async throws {
        let desk = try TableDesk()
        let good = TableSamples.touch.csv
        let bad = good + "11,utbl_e,12,{},1\n"
        #expect(try await desk.refusal(.touch, bad)?.place == .line(7))
        #expect(try await desk.exported(.touch, .csv) == good)
        var told: [ImportError] = []
        let summary = try await desk.take(.touch, bad, { $0.skipsBadRows = true }) {
            told.append($0)
        }
        #expect(summary.badRows == 1)
        #expect(summary.duplicates == 5)
        #expect(told.map(\.place) == [.line(7)])
    }

    @Test func `other content under a known name is refused`() async throws {
        let desk = try TableDesk()
        try await desk.take(.system, TableSamples.system.csv)
        let changed = TableSamples.system.csv.replacing("a.b,0,{}", with: "a.b,0,{\"\"}")
        #expect(try await desk.refusal(.system, changed) != nil)
        let other = TableSamples.system.csv.replacing(",INFO,a.b,0", with: ",INFO,a.c,0")
        let error = try #require(try await desk.refusal(.system, other))
        #expect(error.place == .line(3))
        // An instant is content, too: the row's id alone does not make it the same.
        let later = TableSamples.system.csv.replacing("10:00:00Z", with: "10:00:01Z")
        #expect(try await desk.refusal(.system, later)?.place == .line(4))
        let summary = try await desk.take(.system, other, { $0.skipsBadRows = true })
        #expect(summary.badRows == 1)
        #expect(summary.duplicates == 9)
    }

    @Test(arguments: TableSamples.all, TableDesk.Kind.allCases)
    func `in the order of time nothing is there before all is read`(
        sample: TableSamples.Sample,
        kind: TableDesk.Kind
    ) async throws {
        let desk = try TableDesk(kind)
        let bad = sample.jsonl + "{\n"
        await #expect(throws: ImportError.self) {
            try await desk.take(sample.table, bad) { $0.order = .time }
        }
        #expect(try await desk.journal.head().lastPosition == .zero)
        let count = sample.jsonl.split(separator: "\n").count
        let skipped = try await desk.take(sample.table, bad) { options in
            options.order = .time
            options.skipsBadRows = true
        }
        #expect(skipped.events == count)
        #expect(skipped.badRows == 1)
        #expect(skipped.shiftedTimes == 0)
    }

    @Test func `an import that is stopped goes on where it was`() async throws {
        let desk = try TableDesk()
        let lines = (1...5_000).map { "\($0),2026-01-21T10:00:00Z,INFO,a.b,," }
        let text = Self.system + lines.joined(separator: "\n")
        let path = try desk.scratch.file("rows", text)
        var options = ImportOptions()
        options.batchEventCount = 100
        let stops = Tally()
        options.shouldStop = {
            stops.add()
            return stops.count > 1_234
        }
        let importer = TableImporter(.system, into: desk.journal, options: options)
        await #expect(throws: ImportError.self) {
            try await importer.run([ImportInput(path: path)])
        }
        #expect(importer.summary.events == 1_234)
        #expect(try await desk.take(.system, text).events == 5_000 - 1_234)
    }

    @Test(arguments: [
        ("id,created_at,level,event_type", SourceTable.system),
        ("uid,created_at,user_id", .touch), ("uid,evtype", .prompt),
        ("pagw_id,status,event_type", .pipeline), ("interaction_uuid,status", .interaction),
        ("tenant,pagw_id,colour", .pipeline), ("id,uid,created_at", nil), ("event_type", nil),
        ("status,id", nil), ("a,b", nil), ("", nil),
    ])
    func `a table is told by its columns`(header: String, table: SourceTable?) throws {
        let names = header.split(separator: ",").map(String.init)
        #expect(SourceTable.recognized(by: names) == table)
        let scratch = try ScratchFolder()
        let members = names.map { "\"\($0)\":{\"level\":[\"}\\\"uid\",1]}" }
        let files = [
            try scratch.file("csv", header + "\n1\n"),
            try scratch.file("jsonl", "{\(members.joined(separator: ","))"),
        ]
        guard names.count > 1 else { return }
        for file in files {
            let found = try InputGlance().look(at: file, as: nil)
            #expect(found == (table.map { .table($0) } ?? .unknown(columns: names)), "\(file)")
        }
    }

    @Test(arguments: [
        ("[]", [String]()),
        (" [ 1 , [2,\"],\"] ,{\"a\":\"\\\"]\"}]\n", ["1", "[2,\"],\"]", "{\"a\":\"\\\"]\"}"]),
        ("[1,]", ["1", ""]),
    ])
    func `an array is split into its elements`(text: String, elements: [String]) throws {
        let scratch = try ScratchFolder()
        var reader = JSONArrayReader(try InputBytes(path: scratch.file("a", text)))
        var found: [String] = []
        var bytes: [UInt8] = []
        while try reader.next(into: &bytes) {
            found.append(String(decoding: bytes.trimmingJSONSpace, as: UTF8.self))
        }
        #expect(found == elements)
    }

    @Test(arguments: ["", "{}", "[1", "[\"", "[1] 2"])
    func `what is no array is said to be none`(text: String) throws {
        let scratch = try ScratchFolder()
        var reader = JSONArrayReader(try InputBytes(path: scratch.file("a", text)))
        var bytes: [UInt8] = []
        #expect(throws: ImportError.self) { while try reader.next(into: &bytes) {} }
    }
}

extension ImportReason.Kind {
    fileprivate var isBadInput: Bool {
        if case .badInput = self { true } else { false }
    }
}
