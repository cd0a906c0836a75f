import Cairn
import CairnTestSupport
import Testing

/// Rows of sessions that are listed in another order than they happened.
struct PromptOrderTests {
    private static let header =
        "uid,interactive_prompt_session_id,evtype,data,prompt_time,created_at\n"

    private static let rows = [
        "ipe_1,1,join,{},-3.5,1735689600.5\n",
        "ipe_2,1,press_prompt_start_response,{},0,1735689604\n",
        "ipe_3,1,numeric_prompt_response,{\"rating\":3},1,1735689605\n",
        "ipe_4,1,press_prompt_end_response,{},2,1735689606\n", "ipe_5,1,like,{},2.5,1735689606.5\n",
        "ipe_6,1,like,{},6,1735689610\n", "ipe_7,1,leave,{},8,1735689612\n",
    ].map { $0.replacing("{\"rating\":3}", with: "\"{\"\"rating\"\":3}\"") }

    private func owners(_ desk: TableDesk) throws -> PromptSessionOwners {
        try PromptSessionOwners(path: desk.scratch.file("s", "session,prompt,user\n1,p,ada\n"))
    }

    private func totals(_ desk: TableDesk) async throws -> PromptTotals? {
        try await PromptBoard(desk.journal).totals(ofPrompt: "p", at: try PromptTime(5))
    }

    @Test(arguments: TableDesk.Kind.allCases)
    func `they count as they happened, also when they come newest first or in two files`(
        kind: TableDesk.Kind
    ) async throws {
        let plain = try TableDesk(kind)
        let first = try await plain.take(.prompt(owners(plain)), Self.header + Self.rows.joined())
        #expect(first.anomalies == 0)
        let expected = try #require(try await totals(plain))
        #expect(expected.participantCount == 1 && expected.likeCount == 1)

        let newest = try TableDesk(kind)
        let summary = try await newest.take(
            .prompt(owners(newest)),
            Self.header + Self.rows.reversed().joined()
        )
        #expect(summary.events == 7 && summary.anomalies == 0 && summary.uncounted == 0)
        #expect(summary.shiftedTimes == 0)
        #expect(try await totals(newest) == expected)

        let parts = try TableDesk(kind)
        let inputs = [
            try parts.scratch.file("b", Self.header + Self.rows[4...].joined()),
            try parts.scratch.file("a", Self.header + Self.rows[..<4].joined()),
        ]
        let importer = TableImporter(.prompt(try owners(parts)), into: parts.journal)
        try await importer.run(inputs.map { ImportInput(path: $0) })
        #expect(importer.summary.anomalies == 0)
        #expect(try await totals(parts) == expected)
    }

    /// The rows at one instant, as a clock of whole seconds tells it.
    private static let atOnce = rows.map { row in
        "\(row.split(separator: ",").dropLast().joined(separator: ",")),1735689600\n"
    }

    @Test(arguments: TableDesk.Kind.allCases)
    func `they count as they happened, also where all have one created_at`(
        kind: TableDesk.Kind
    ) async throws {
        let plain = try TableDesk(kind)
        let first = try await plain.take(.prompt(owners(plain)), Self.header + Self.atOnce.joined())
        #expect(first.events == 7 && first.anomalies == 0 && first.uncounted == 0)
        let expected = try #require(try await totals(plain))
        #expect(expected.participantCount == 1 && expected.likeCount == 1)
        #expect(expected.pressingCount == 0)
        let turned = Array(Self.atOnce[3...] + Self.atOnce[..<3])
        for rows in [Array(Self.atOnce.reversed()), turned] {
            let desk = try TableDesk(kind)
            let summary = try await desk.take(.prompt(owners(desk)), Self.header + rows.joined())
            #expect(summary.events == 7 && summary.anomalies == 0 && summary.uncounted == 0)
            #expect(try await totals(desk) == expected)
        }
    }

    @Test func `those of one created_at are ordered where they do not fit into memory`()
        async throws
    {
        let desk = try TableDesk()
        var text = Self.header
        for session in 1...300 {
            // A viewer who went back before leaving.
            text += "ipe_\(session)_9,\(session),leave,{},2,100\n"
            for number in (1...8).reversed() {
                text += "ipe_\(session)_\(number),\(session),like,{},\(number),100\n"
            }
            text += "ipe_\(session)_0,\(session),join,{},7,100\n"
        }
        let path = try desk.scratch.file("s", "session,prompt,user\n1,p,ada\n")
        let summary = try await desk.take(.prompt(PromptSessionOwners(path: path)), text) {
            $0.sortByteCountMax = 1 << 16
        }
        #expect(summary.events == 3_000 && summary.uncounted == 0)
        // Each was left before its last prompt time, which takes nothing out.
        #expect(summary.anomalies == 300)
        let totals = try await PromptBoard(desk.journal).totals(ofPrompt: "p", at: .end)
        #expect(totals?.likeCount == 8)
    }

    @Test(arguments: TableDesk.Kind.allCases)
    func `in the order of the file those behind the leave event are told apart`(
        kind: TableDesk.Kind
    ) async throws {
        let desk = try TableDesk(kind)
        let text = Self.header + Self.rows.reversed().joined()
        let summary = try await desk.take(.prompt(owners(desk)), text) { $0.order = .file }
        // The leave event itself comes before the session was joined, and counts.
        #expect(summary.anomalies == 7 && summary.uncounted == 6)
        #expect(try await totals(desk)?.participantCount == 0)
        let again = try await desk.take(.prompt(owners(desk)), text)
        #expect(again.events == 0 && again.anomalies == 0 && again.uncounted == 0)
    }

    @Test func `a log of participants says what it did before the row that stops it`() async throws
    {
        let folder = try ScratchFolder()
        let comments = try folder.file(
            "v.json",
            #"[{"id":1,"vpos":1,"content":"a","date":1},{"id":2,"vpos":"x","content":"a","date":1}]"#
        )
        let tracking = try folder.file(
            "t.log",
            """
            {"event_type":"play_video","time":"2014-06-01T19:00:02.5+00:00","session":"b",\
            "username":"ann","page":"p","event":"{\\"id\\":\\"v\\",\\"currentTime\\":3.25}"}
            {bad

            """
        )
        let files: [(String, PromptLogFormat)] = [(comments, .timedComments), (tracking, .edx)]
        for (path, format) in files {
            let journal = MemoryJournal()
            var done = PromptImportSummary()
            await #expect(throws: ImportError.self) {
                _ = try await PromptImporter(into: journal).run(path, format) { done = $0 }
            }
            #expect(done.events == 2, "\(format)")
        }
        // So it does where the journal refuses the row.
        let changed = try folder.file(
            "w.json",
            #"[{"id":1,"vpos":1,"content":"a","date":1},{"id":1,"vpos":1,"content":"b","date":1}]"#
        )
        let journal = MemoryJournal()
        var done = PromptImportSummary()
        await #expect(throws: ImportError.self) {
            _ = try await PromptImporter(into: journal).run(changed, .timedComments) { done = $0 }
        }
        var count = 0
        try await journal.forEachEvent { header, frame in
            count += header.type(in: frame).hasPrefix("prompt.") ? 1 : 0
            return .proceed
        }
        #expect(done.events == count)
    }
}
