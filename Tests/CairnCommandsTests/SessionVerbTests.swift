import Cairn
import CairnTestSupport
import CairnTesting
import Foundation
import Testing

/// The verb `session`, to the byte, and that it writes nothing.
struct SessionVerbTests {
    struct Story {
        let folder: ScratchFolder

        init() async throws {
            folder = try ScratchFolder()
            let clock = ManualClock(at: try Timestamp(rfc3339: "2026-01-21T10:00:00Z"))
            var configuration = LMDBJournal.Configuration()
            configuration.clock = { clock.now }
            let journal = try LMDBJournal(path: folder.path("j"), configuration: configuration)
            let sessions = PromptSessions(
                journal: journal,
                clock: ServiceClock(
                    now: { clock.now },
                    boot: { BootInstant(boot: 1, nanoseconds: 0) },
                    sleep: { _ in }
                )
            )
            let session = try PromptSessionID("s-1")
            func uid(_ name: String) throws -> PromptEventUID { try PromptEventUID("ipe_\(name)") }
            try await sessions.join(
                session,
                of: try PromptSessionOwner(prompt: "breathe", user: "ann"),
                at: try PromptTime(-1.5),
                uid: try uid("a")
            )
            clock.advance(by: .seconds(4))
            try await sessions.like(session, at: try PromptTime(2.5), uid: try uid("c"))
            try await sessions.colorResponse(
                session,
                try PromptChoice(3),
                at: try PromptTime(2.5),
                uid: try uid("b")
            )
            clock.advance(by: .seconds(4))
            try await sessions.leave(session, at: try PromptTime(7), uid: try uid("d"))
            journal.close()
        }

        func cairn(_ line: String) async throws -> CairnProcess {
            let arguments = line.split(separator: " ").map(String.init)
            return try await CairnProcess.run(arguments + ["--journal", "j"], in: folder.url)
        }
    }

    @Test func `the verb shows a session to people`() async throws {
        let story = try await Story()
        let before = try story.folder.data("j/data.mdb")
        let run = try await story.cairn("session s-1")
        #expect(
            run.output == """
                session      s-1
                prompt       breathe
                user         ann
                opened_at    2026-01-21T10:00:00Z
                joined_at    -1.5
                left_at      7
                event_count  4
                is_present   no
                is_pressing  no
                like_count   1
                color        3

                prompt_time  uid    evtype                 data         created_at            position
                       -1.5  ipe_a  join                   {}           2026-01-21T10:00:00Z         4
                        2.5  ipe_b  color_prompt_response  {"index":3}  2026-01-21T10:00:04Z         6
                        2.5  ipe_c  like                   {}           2026-01-21T10:00:04Z         5
                          7  ipe_d  leave                  {}           2026-01-21T10:00:08Z         7

                """
        )
        #expect(run.status == 0, "\(run.error)")
        #expect(try story.folder.data("j/data.mdb") == before)
    }

    @Test func `the verb keeps the contract to the byte`() async throws {
        let run = try await Story().cairn("session s-1 --as-of 5 --format json")
        #expect(
            run.output == """
                {"session":"s-1","prompt":"breathe","user":"ann",\
                "opened_at":"2026-01-21T10:00:00.000000Z","joined_at":-1.5,"left_at":null,\
                "event_count":2,"anomaly_count":0,"removed_count":0,"is_present":true,"is_pressing":false,\
                "like_count":1,"rating":null,"color":null,"word":null,"events":[\
                {"prompt_time":-1.5,"uid":"ipe_a","evtype":"join","data":{},\
                "created_at":"2026-01-21T10:00:00.000000Z","anomaly":null,"position":4},\
                {"prompt_time":2.5,"uid":"ipe_c","evtype":"like","data":{},\
                "created_at":"2026-01-21T10:00:04.000000Z","anomaly":null,"position":5}]}

                """
        )
        #expect(run.json != nil)
        #expect(run.status == 0, "\(run.error)")
    }

    @Test func `a session that is not there is not found, and one without a name no question`()
        async throws
    {
        let story = try await Story()
        #expect(try await story.cairn("session s-2").status == 66)
        let empty = try await CairnProcess.run(
            ["session", "", "--journal", "j"],
            in: story.folder.url
        )
        #expect(empty.status == 64)
    }

    @Test func `comments are imported once and shown by session`() async throws {
        let folder = try ScratchFolder()
        try folder.file(
            "v.json",
            #"[{"id":7,"vpos":-50,"content":"GJ","date":1300000000,"user_id":3}]"#
        )
        let line = ["import", "--input", "timed-comments", "v.json", "--journal", "j"]
        let first = try await CairnProcess.run(line + ["--format", "json"], in: folder.url)
        #expect(
            first.output.hasPrefix(
                #"{"events":2,"sessions":1,"duplicates":0,"anomalies":0,"#
                    + #""skipped":0,"bad_rows":0,"#
                    + #""seconds":"#
            )
        )
        let second = try await CairnProcess.run(line + ["--format", "json"], in: folder.url)
        #expect(
            second.output.hasPrefix(#"{"events":0,"sessions":1,"duplicates":2,"#)
        )
        let shown = try await CairnProcess.run(
            ["session", "v/3", "--journal", "j"],
            in: folder.url
        )
        #expect(shown.output.contains("-0.5"))
        #expect(shown.output.contains("like_count   1"))
    }
}
