import Cairn
import CairnTestSupport
import CairnTesting
import Testing

/// What comes as rows goes as the same rows, byte for byte.
struct TableRoundTripTests {
    @Test(arguments: TableSamples.all, TableDesk.Kind.allCases)
    func `rows come back byte for byte, and again add nothing`(
        sample: TableSamples.Sample,
        kind: TableDesk.Kind
    ) async throws {
        for (text, format) in [(sample.jsonl, ExportFormat.jsonl), (sample.csv, .csv)] {
            let desk = try TableDesk(kind)
            let first = try await desk.take(sample.table, text) { $0.order = .file }
            #expect(first.events == sample.jsonl.split(separator: "\n").count)
            #expect(first.duplicates == 0)
            #expect(try await desk.exported(sample.rows, format) == text)
            let head = try await desk.journal.head()
            let again = try await desk.take(sample.table, text)
            #expect(again.events == 0)
            #expect(again.duplicates == first.events)
            #expect(try await desk.journal.head() == head)
        }
    }

    @Test(arguments: TableSamples.all)
    func `a row is the same in either format`(sample: TableSamples.Sample) async throws {
        let desk = try TableDesk()
        let first = try await desk.take(sample.table, sample.jsonl) { $0.order = .file }
        #expect(try await desk.exported(sample.rows, .csv) == sample.csv)
        #expect(try await desk.take(sample.table, sample.csv).duplicates == first.events)
        let other = try TableDesk()
        try await other.take(sample.table, sample.csv) { $0.order = .file }
        #expect(try await other.exported(sample.rows, .jsonl) == sample.jsonl)
    }

    @Test(arguments: TableSamples.all)
    func `in the order of time rows are recorded as of their creation`(
        sample: TableSamples.Sample
    ) async throws {
        let desk = try TableDesk()
        let file = try TableDesk()
        try await file.take(sample.table, sample.jsonl) { $0.order = .file }
        let summary = try await desk.take(sample.table, sample.jsonl) { options in
            options.order = .time
            options.sortByteCountMax = 1
        }
        #expect(summary.shiftedTimes == 0)
        let lines = try await desk.exported(sample.rows, .jsonl).split(separator: "\n")
        #expect(Set(lines) == Set(sample.jsonl.split(separator: "\n")))
        var times: [Timestamp] = []
        var isRecordedThen = true
        try await desk.journal.forEachEvent { header, _ in
            times.append(header.occurredAt)
            if header.recordedAt != header.occurredAt { isRecordedThen = false }
            return .proceed
        }
        #expect(times == times.sorted())
        #expect(isRecordedThen)
        // The same rows are the same events, in whatever order they came.
        #expect(try await desk.take(sample.table, sample.jsonl).events == 0)
    }

    @Test func `what services recorded comes back under the ids that it has`() async throws {
        let desk = try TableDesk()
        let events = SystemEvents(journal: desk.journal)
        try await events.info("a.b", leadID: 1, payload: "{ \"a\":1 }")
        let instant = Timestamp(nanoseconds: 1_700_000_000_123_456_789)
        let known = SystemEvent(.warn, .logWarning)
        try await events.record(known, at: instant, id: EventID("mine"))
        for format in [ExportFormat.jsonl, .csv] {
            let text = try await desk.exported(.system, format)
            #expect(text.contains("system_events/@1"))
            #expect(text.contains("mine"))
            let copy = try TableDesk()
            #expect(try await copy.take(.system, text).events == 2)
            #expect(try await copy.exported(.system, format) == text)
            #expect(try await copy.take(.system, text).events == 0)
        }
        // Where they came from, the one without an id is added once, and the other is there.
        let text = try await desk.exported(.system, .jsonl)
        #expect(try await desk.take(.system, text).events == 1)
        #expect(try await desk.take(.system, text).events == 0)
    }

    @Test func `removed touches are not in an export`() async throws {
        let desk = try TableDesk()
        try await desk.take(.touch, TableSamples.touch.jsonl)
        try await TouchRemover(desk.journal).forget(user: "12")
        var rows = try await TableExport(.touch, of: desk.journal)
        #expect(try await rows.survey().idMax == 10)
        #expect(rows.rowCount == 2)
        #expect(rows.removedCount == 3)
        try await TouchRemover(desk.journal).truncate(before: .unixEpoch.adding(.seconds(9)))
        #expect(try await desk.exported(.touch, .csv).split(separator: "\n").count == 2)
        // What was removed stays so.
        #expect(try await desk.take(.touch, TableSamples.touch.jsonl).events == 0)
    }

    @Test(
        arguments: [
            (["5", "7", ""], ["5", "7", "10"], true), (["", "5", ""], ["6", "5", "8"], true),
            (["5", "3"], ["5", "3"], true), (["5", "5"], ["1", "2"], false),
            (["9", "-3", "9"], ["1", "2", "3"], false), (["9", "", "3"], ["9", "11", "3"], true),
            (
                ["-9223372036854775808", "9223372036854775807"],
                ["-9223372036854775808", "9223372036854775807"], true
            ),
            (["2", "9223372036854775807", ""], ["1", "2", "3"], false),
            (
                ["", "2", "9223372036854775806"],
                ["9223372036854775807", "2", "9223372036854775806"], true
            ),
            (["1", "", "9223372036854775806"], ["1", "2", "3"], false),
        ] as [([String], [String], Bool)]
    )
    func `every row of a table in SQL has an id of its own`(
        given: [String],
        written: [String],
        keepsIDs: Bool
    ) async throws {
        let desk = try TableDesk()
        let rows = given.enumerated().map { index, id in
            #"\#(id),utbl_\#(index),12,"{""type"":""send_stale"",""parent"":""utbl_x""}",1.5"#
                + "\n"
        }
        try await desk.take(.touch, "id,uid,user_id,event,created_at\n" + rows.joined())
        var export = try await TableExport(.touch, of: desk.journal)
        #expect(try await export.survey().keepsIDs == keepsIDs)
        let sql = try await desk.exported(.touch, .sql)
        let ids = sql.split(separator: "\n").filter { $0.contains("'utbl_") && $0.hasPrefix("(") }
            .map { String($0.dropFirst().prefix { $0 != "," }) }
        #expect(ids == written)
    }

    @Test func `whose sessions are comes back, too`() async throws {
        let desk = try TableDesk()
        let sessions = "session,prompt,user\n1,7,ada\n25/3,25,\"b,ob\"\n"
        let owners = try PromptSessionOwners(path: desk.scratch.file("s", sessions))
        #expect(owners.count == 2)
        let unowned = TableImport.prompt(PromptSessionOwners())
        let first = try await desk.take(unowned, TableSamples.prompt.csv) { $0.order = .file }
        #expect(first.subjects == 3)
        #expect(first.ownerless == 3)
        #expect(first.anomalies == 3)
        // Said later, it is known from then on, and the rows are the same.
        let second = try await desk.take(.prompt(owners), TableSamples.prompt.csv)
        #expect(second.events == 0)
        #expect(second.ownerless == 1)
        let third = try await desk.take(.prompt(PromptSessionOwners()), TableSamples.prompt.csv)
        #expect(third.ownerless == 1)
        #expect(try await desk.exported(.promptSessions, .csv) == sessions)
        #expect(
            try await desk.exported(.promptSessions, .jsonl) == """
                {"session":1,"prompt":7,"user":"ada"}
                {"session":"25/3","prompt":25,"user":"b,ob"}

                """
        )
        let view = PromptView(desk.journal)
        #expect(try await view.sessions(ofPrompt: "7").map(\.session.name) == ["1"])
        #expect(try await view.sessions(ofUser: "b,ob").map(\.session.name) == ["25/3"])
        let other = try PromptSessionOwners(
            path: desk.scratch.file("t", "session,prompt,user\n1,7,eve\n")
        )
        await #expect(throws: ImportError.self) {
            _ = try await desk.take(.prompt(other), TableSamples.prompt.csv)
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `random rows come back`(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let pieces = [
            "a", ",", "\"", "\n", "\r\n", "\\", "{", " ", "\u{E9}", "\u{1F600}", "0", "'",
        ]
        func text(_ countMax: Int) -> String {
            (0..<random.below(countMax + 1)).map { _ in pieces[random.below(pieces.count)] }
                .joined()
        }
        var csv = "id,created_at,level,event_type,lead_id,payload\n"
        var touches = "id,uid,user_id,event,created_at\n"
        func quoted(_ text: String) -> String { "\"" + text.replacing("\"", with: "\"\"") + "\"" }
        for number in 1...30 {
            let value = JSONValue.object([JSONMember(text(3), .string(text(6)))])
            var writer = JSONWriter()
            writer.value(value)
            let instant = Timestamp(nanoseconds: random.draw(0...4_000_000_000_000_000_000))
            csv += "\(number * 3),\(instant.rfc3339),INFO,\(quoted("x" + text(5) + "\"")),,"
            csv += "\(quoted(writer.text))\n"
            let seconds = Double(bitPattern: random.next() >> 2)
            touches += "\(number),utbl_\(number),\(number % 4),"
            touches += quoted("{\"type\":\"send_stale\",\"parent\":\"x\",\"n\":\(writer.text)}")
            touches += ",\(seconds.isFinite ? seconds : 1.5)\n"
        }
        let desk = try TableDesk()
        try await desk.take(.system, csv)
        #expect(try await desk.exported(.system, .csv) == csv, "seed \(seed)")
        try await desk.take(.touch, touches)
        #expect(try await desk.exported(.touch, .csv) == touches, "seed \(seed)")
        for rows in [(TableImport.system, ExportedTable.system), (.touch, .touch)] {
            let lines = try await desk.exported(rows.1, .jsonl)
            let copy = try TableDesk()
            try await copy.take(rows.0, lines)
            #expect(try await copy.exported(rows.1, .jsonl) == lines, "seed \(seed)")
        }
    }
}
