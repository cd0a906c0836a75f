import Cairn
import CairnTestSupport
import Foundation
import Testing

/// What verbs say of removals beside what is left, and which tenants decide after them.
struct RemovalNoteTests {
    @Test func `a request that goes on after its removal says so, whoever's it is now`()
        async throws
    {
        let fixture = try await Fixture()
        #expect(try await fixture.cairn("forget --request R-3 --yes").status == 0)
        let header = "tenant,pagw_id,stage,event_type,sequence_no,created_at\n"
        // The row that was removed is known, and says nothing of the next one.
        let rows = """
            other,R-3,PARSING,PARSE_OK,7,2025-12-25 10:09:00+00
            other,R-3,PARSING,PARSE_OK,8,2025-12-25 10:09:01+00

            """
        try fixture.folder.file("more.csv", header + rows)
        let run = try await fixture.cairn("import more.csv --format json")
        #expect(run.status == 0, "\(run.error)")
        let path = ReadmeTests.package.appending(path: "Specs/Pipelines/prior-authorization.json")
        try fixture.folder.file("p.json", try String(contentsOf: path, encoding: .utf8))
        for line in [
            "timeline R-3", "state R-3", "diff R-3 11 end", "diff R-3 R-1", "what-if R-3",
            "compare --new p.json --request R-3", "bisect R-3 --where=attempt>0",
        ] {
            let verb = line.prefix { $0 != " " }
            let shown = try await fixture.cairn(line)
            #expect(shown.status == 0, "\(line)")
            #expect(shown.error == "cairn: \(verb): removed of request R-3: 3 events\n", "\(line)")
        }
        let state = try await fixture.cairn("state R-3 --format json")
        #expect(state.output.contains(#""tenant":"other""#))
        #expect(state.output.contains(#""event_count":2"#))
        #expect(try await fixture.cairn("state R-1").error == "")
        // From now on it is this tenant's, and nobody else's.
        try fixture.folder.file(
            "wrong.csv",
            header + "anthem,R-3,PARSING,PARSE_OK,9,2025-12-25 10:09:02+00\n"
        )
        let wrong = try await fixture.cairn("import wrong.csv")
        #expect(wrong.status == 65)
        #expect(wrong.error.contains("other"), "\(wrong.error)")
    }

    @Test func `a streak says how many sessions it leaves out`() async throws {
        let folder = try ScratchFolder()
        let journal = try LMDBJournal(path: folder.path("j"))
        let sessions = PromptSessions(journal: journal)
        let owner = try PromptSessionOwner(prompt: "p", user: "ann")
        for name in ["a", "b"] { try await sessions.join(try PromptSessionID(name), of: owner) }
        journal.close()
        func cairn(_ line: String) async throws -> CairnProcess {
            let arguments = line.split(separator: " ").map(String.init)
            return try await CairnProcess.run(arguments + ["--journal", "j"], in: folder.url)
        }
        #expect(try await cairn("streak ann").error == "")
        #expect(try await cairn("forget --session a --yes").status == 0)
        let one = try await cairn("streak ann --format json")
        #expect(one.status == 0 && one.output.contains(#""current_streak":1"#))
        #expect(one.error == "cairn: streak: removed: 1 session\n")
        let export = try await cairn("export --as prompt")
        #expect(export.output.split(separator: "\n").count == 1)
        // A session of one event is one row that is not there.
        #expect(export.error == "cairn: export: 1 removed events are not in the export\n")
        let owners = try await cairn("export --as prompt --sessions --to csv")
        #expect(owners.output == "session,prompt,user\nb,p,ann\n")
        #expect(owners.error == "cairn: export: 1 removed sessions are not in the export\n")
        #expect(try await cairn("forget --session b --yes").status == 0)
        let none = try await cairn("streak ann")
        #expect(none.status == 66 && none.output == "")
        #expect(none.error == "cairn: streak: all sessions of user ann were removed: 2 sessions\n")
    }

    @Test(arguments: ["0..4", "0.3..2.7", "-3..0.5", "2..2"])
    func `stored tables and going through the events play the same`(times: String) async throws {
        let folder = try ScratchFolder()
        let journal = try LMDBJournal(path: folder.path("j"))
        let sessions = PromptSessions(journal: journal)
        for number in 0..<5 {
            let session = try PromptSessionID("s\(number)")
            let prompt = number < 4 ? "p" : "q"
            let owner = try PromptSessionOwner(prompt: prompt, user: "u\(number)")
            try await sessions.join(session, of: owner, at: try PromptTime(Double(number) - 2))
            for eighth in 0..<20 {
                try await sessions.like(session, at: try PromptTime(Double(eighth) / 4))
            }
        }
        try await PromptRemover(journal).forget(session: try PromptSessionID("s1"))
        journal.close()
        func play(_ more: String) async throws -> CairnProcess {
            let line = "prompt p --play=\(times) \(more) --journal j"
            return try await CairnProcess.run(
                line.split(separator: " ").map(String.init),
                in: folder.url
            )
        }
        let questions = ["", "--sample 1", "--sample 4 --format json", "--sample 100"]
        var before: [CairnProcess] = []
        for question in questions { before.append(try await play(question)) }
        #expect(before.allSatisfy { $0.status == 0 && $0.error.contains("removed: 1 session") })
        let index = try await CairnProcess.run(["index", "--journal", "j"], in: folder.url)
        #expect(index.status == 0)
        for (question, shown) in zip(questions, before) {
            let again = try await play(question)
            #expect(again.output == shown.output, "\(question)")
            #expect(again.error == shown.error, "\(question)")
        }
    }
}
