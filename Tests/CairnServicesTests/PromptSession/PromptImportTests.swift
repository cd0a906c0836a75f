import Cairn
import CairnTestSupport
import CairnTesting
import Foundation
import Testing

struct PromptImportTests {
    @Test func `comments become sessions, and the same file again adds nothing`() async throws {
        let folder = try ScratchFolder()
        let path = try folder.file(
            "video.json",
            """
            [{"id":1,"vpos":0,"content":"script","date":1300000000,"owner":true,"user_id":1},
             {"id":1,"vpos":-7300,"content":"hello","date":1300000001,"date_usec":5,"user_id":1},
             {"id":2,"vpos":150,"content":"8888!","date":1300000002,"user_id":1},
             {"id":3,"vpos":150,"content":"www","date":1300000000}]
            """
        )
        let journal = MemoryJournal()
        let importer = PromptImporter(into: journal)
        var expected = PromptImportSummary()
        expected.events = 5
        expected.sessions = 2
        expected.skipped = 1
        #expect(try await importer.run(path, .timedComments) == expected)
        let head = try await journal.head()
        expected.duplicates = 5
        expected.events = 0
        #expect(try await importer.run(path, .timedComments) == expected)
        #expect(try await journal.head() == head)
        let view = PromptView(journal)
        let sight = try #require(try await view.session(try PromptSessionID("video/1")))
        #expect(sight.events.map(\.event.promptTime.seconds) == [-73, -73, 1.5])
        #expect(sight.state.owner?.prompt == "video")
        #expect(sight.standing.likeCount == 1)
        let totals = try await view.totals(ofPrompt: "video", at: try PromptTime(1.5))
        #expect(totals.likeCount == 2)
        #expect(totals.participantCount == 2)
    }

    @Test func `a page that closes leaves its videos, and what comes later is an anomaly`()
        async throws
    {
        let folder = try ScratchFolder()
        func line(_ type: String, _ second: Int, _ event: String) -> String {
            """
            {"event_type":"\(type)","time":"2014-06-01T19:00:0\(second).5+00:00",\
            "session":"b","username":"ann","page":"p","event":\(event)}

            """
        }
        let text =
            "# by hand\n\n"
            + line("load_video", 1, #""{\"id\":\"v\",\"code\":\"x\"}""#)
            + line("play_video", 2, #""{\"id\":\"v\",\"currentTime\":3.25}""#)
            + line("seek_video", 3, #""{\"id\":\"v\",\"old_time\":3.25,\"new_time\":9}""#)
            + line("page_close", 4, "\"\"")
            + line("pause_video", 5, #"{"id":"v","currentTime":12}"#)
            + line("problem_check", 6, #""input_1=2&input_2=""#)
            + line("problem_check", 6, #"{"problem_id":"q","grade":1}"#)
        let path = try folder.file("edx.log", text)
        let journal = try LMDBJournal(path: folder.path("j"))
        let importer = PromptImporter(into: journal)
        let summary = try await importer.run(path, .edx)
        #expect(summary.events == 6)
        #expect(summary.anomalies == 1)
        #expect(summary.skipped == 1)
        #expect(try await importer.run(path, .edx).duplicates == 6)
        let view = PromptView(journal)
        let sight = try #require(try await view.session(try PromptSessionID("b/ann/v")))
        #expect(
            sight.events.map { "\($0.event.promptTime) \($0.event.act.kind.rawValue)" } == [
                "0 join", "3.25 press_prompt_start_response", "9 leave",
                "12 press_prompt_end_response",
            ]
        )
        #expect(sight.events.last?.flaw?.word == "after_leave")
    }

    @Test func `a line that is set aside leaves its session as it was`() async throws {
        let folder = try ScratchFolder()
        func line(_ type: String, _ second: Int, _ event: String) -> String {
            """
            {"event_type":"\(type)","time":"2014-06-01T19:00:0\(second).5+00:00",\
            "session":"b","username":"ann","page":"p","event":\(event)}

            """
        }
        let path = try folder.file(
            "edx.log",
            line("play_video", 1, #"{"id":"v","currentTime":1e400}"#)
                + line("play_video", 2, #"{"id":"v","currentTime":3.25}"#)
                + line("seek_video", 3, #"{"id":"v","new_time":1e400}"#)
                + line("pause_video", 4, #"{"id":"v"}"#)
                + #"{"event_type":"play_video","time":5,"event":{"id":"v"}}"#
        )
        let journal = MemoryJournal()
        var bad: [String] = []
        let summary = try await PromptImporter(into: journal, skipsBadRows: true)
            .run(path, .edx) { _ in
            } onBadRow: {
                bad.append("\($0)")
            }
        #expect(summary.events == 3 && summary.anomalies == 0 && summary.badRows == 3)
        #expect(
            bad.map { $0.split(separator: ", ").last } == [
                "line 1: a prompt time cannot be inf", "line 3: a prompt time cannot be inf",
                "line 5: time must be a text",
            ]
        )
        let sight = try #require(
            try await PromptView(journal).session(try PromptSessionID("b/ann/v"))
        )
        // At one prompt time they stand by their uids.
        #expect(Set(sight.events.map(\.event.act)) == [.join, .pressStart, .pressEnd])
        #expect(sight.events.map(\.event.promptTime.seconds) == [3.25, 3.25, 3.25])
    }

    @Test func `a session goes on from one file of a log to the next`() async throws {
        let folder = try ScratchFolder()
        func line(_ type: String, _ second: Int, _ event: String) -> String {
            """
            {"event_type":"\(type)","time":"2014-06-01T19:00:0\(second).5+00:00",\
            "session":"b","username":"ann","page":"p","event":\(event)}

            """
        }
        let lines = [
            line("play_video", 1, #"{"id":"v","currentTime":2}"#),
            line("seek_video", 2, #"{"id":"v","new_time":9}"#),
            line("pause_video", 3, #"{"id":"v"}"#), line("page_close", 4, "\"\""),
            line("play_video", 5, #"{"id":"v","currentTime":4}"#),
        ]
        func file(_ name: String, _ lines: some Sequence<String>) throws -> String {
            try folder.file(name, lines.joined())
        }
        let whole = MemoryJournal()
        let expected = try await PromptImporter(into: whole).run(file("whole", lines), .edx)
        #expect(expected.events == 5 && expected.sessions == 1 && expected.uncounted == 1)
        for count in 1..<lines.count {
            let parts = [
                try file("log.1", lines.prefix(count)), try file("log", lines.dropFirst(count)),
            ]
            let journal = MemoryJournal()
            let importer = PromptImporter(into: journal)
            #expect(try await importer.run(parts, .edx) == expected, "cut behind \(count)")
            // It is the same journal that the whole log makes.
            let again = try await importer.run(folder.path("whole"), .edx)
            #expect(again.duplicates == expected.events && again.events == 0)
            // What is in two files of one command is taken from the first.
            let twice = MemoryJournal()
            let overlap = parts + [folder.path("whole")]
            let summary = try await PromptImporter(into: twice).run(overlap, .edx)
            #expect(summary.events == expected.events && summary.anomalies == expected.anomalies)
            #expect(summary.duplicates == 0 && summary.skipped == lines.count)
        }
    }

    @Test func `a commenter joins once in all files of a video`() async throws {
        let folder = try ScratchFolder()
        let paths = try [
            folder.file("a.json", #"[{"id":1,"vpos":100,"content":"a","date":1,"user_id":7}]"#),
            folder.file("b.json", #"[{"id":2,"vpos":50,"content":"b","date":2,"user_id":7}]"#),
        ]
        let journal = MemoryJournal()
        let importer = PromptImporter(into: journal, prefix: "v")
        let summary = try await importer.run(paths, .timedComments)
        #expect(summary.events == 3 && summary.sessions == 1 && summary.anomalies == 0)
        #expect(try await importer.run(paths, .timedComments).duplicates == 3)
        // Without a name for all of them, each file is a video of its own.
        let apart = try await PromptImporter(into: MemoryJournal()).run(paths, .timedComments)
        #expect(apart.events == 4 && apart.sessions == 2)
    }

    @Test func `a comment of no time is none, and one of nobody is a session of its own`()
        async throws
    {
        let folder = try ScratchFolder()
        let path = try folder.file(
            "v.json",
            """
            [{"id":1,"vpos":1,"content":"a","date":9223372036854775807},
             {"id":2,"vpos":1,"content":"a","date":-9223372036854775808},
             {"id":3,"vpos":1,"content":"a","date":1,"date_usec":null,"user_id":null}]
            """
        )
        let journal = MemoryJournal()
        var bad: [ImportReason] = []
        let summary = try await PromptImporter(into: journal, skipsBadRows: true)
            .run(path, .timedComments) { _ in
            } onBadRow: {
                bad.append($0.reason)
            }
        #expect(
            bad == [
                .outOfRange(column: "date", text: "9223372036854775807"),
                .outOfRange(column: "date", text: "-9223372036854775808"),
            ]
        )
        #expect(summary.events == 2)
        #expect(try await PromptView(journal).sessions(ofPrompt: "v").map(\.owner.user) == ["#3"])
    }

    @Test func `a row that is none stops the import after what stands before, or is set aside`()
        async throws
    {
        let folder = try ScratchFolder()
        let path = try folder.file(
            "v.json",
            #"[{"id":1,"vpos":1,"content":"a","date":1},{"id":2,"vpos":"x","content":"a","date":1}]"#
        )
        let journal = MemoryJournal()
        await #expect(throws: ImportError.self) {
            _ = try await PromptImporter(into: journal).run(path, .timedComments)
        }
        #expect(try await PromptView(journal).sessions(ofPrompt: "v").count == 1)
        let summary = try await PromptImporter(into: journal, skipsBadRows: true)
            .run(path, .timedComments)
        #expect(summary.badRows == 1)
        #expect(summary.events == 0)
        #expect(summary.duplicates == 2)
    }

    @Test func `a comment that was changed since stops at its own place, or is set aside`()
        async throws
    {
        let folder = try ScratchFolder()
        func comments(_ second: String) throws -> String {
            try folder.file(
                "v.json",
                """
                [{"id":1,"vpos":1,"content":"a","date":1},
                 {"id":2,"vpos":2,"content":"\(second)","date":2},
                 {"id":3,"vpos":3,"content":"c","date":3}]
                """
            )
        }
        let journal = MemoryJournal()
        let importer = PromptImporter(into: journal)
        #expect(try await importer.run(comments("hello"), .timedComments).events == 6)
        let head = try await journal.head()
        let changed = try comments("something else")
        let second = ImportPlace.event(case: "v", ordinal: 2, line: nil)
        await #expect {
            _ = try await importer.run(changed, .timedComments)
        } throws: { error in
            guard let error = error as? ImportError,
                case .refused(.eventIDConflict) = error.reason
            else { return false }
            return error.place == second && error.source == changed
        }
        #expect(try await journal.head() == head)
        var bad: [ImportError] = []
        let summary = try await PromptImporter(into: journal, skipsBadRows: true)
            .run(changed, .timedComments, onBadRow: { bad.append($0) })
        #expect(summary.badRows == 1 && summary.duplicates == 5 && summary.events == 0)
        #expect(bad.map(\.place) == [second])
    }

    @Test func `owners whose bytes are no text are refused, and not taken for each other`()
        throws
    {
        let folder = try ScratchFolder()
        let rows = Array("session,prompt,user\n1,breathe,Jos".utf8) + [0xE9, 0x0A]
        let path = try folder.file("owners.csv", Data(rows))
        let error = #expect(throws: ImportError.self) { try PromptSessionOwners(path: path) }
        #expect(error?.reason == .invalidUTF8 && error?.place == .line(2))
    }
}

/// The logs that the notes count.
@Suite(.enabled(if: RealData.folder != nil, "no folder shared/data beside the package"))
struct RealPromptLogTests {
    struct Counts: CustomTestStringConvertible {
        let name: String
        let comments: Int
        let owners: Int
        let users: Int?
        let likes: Int64
        let negatives: Int

        var testDescription: String { name }
    }

    static let counts = [
        Counts(name: "1", comments: 4_630, owners: 0, users: nil, likes: 857, negatives: 0),
        Counts(name: "4", comments: 644, owners: 144, users: nil, likes: 0, negatives: 0),
        Counts(name: "5", comments: 801, owners: 471, users: nil, likes: 3, negatives: 0),
        Counts(name: "16", comments: 2_583, owners: 0, users: nil, likes: 56, negatives: 160),
        Counts(name: "21", comments: 2_325, owners: 0, users: nil, likes: 34, negatives: 125),
        Counts(name: "22", comments: 173, owners: 1, users: nil, likes: 2, negatives: 0),
        Counts(name: "25", comments: 538, owners: 77, users: 165, likes: 16, negatives: 0),
    ]

    @Test(arguments: counts)
    func `timed comments agree with the notes`(_ counts: Counts) async throws {
        let folder = try #require(RealData.folder)
        let path = "\(folder)/sessions/niconico-comments/\(counts.name).json"
        let journal = MemoryJournal()
        let importer = PromptImporter(into: journal)
        let summary = try await importer.run(path, .timedComments)
        #expect(summary.skipped == counts.owners)
        #expect(summary.duplicates == 0)
        #expect(summary.anomalies == 0)
        let participants = counts.comments - counts.owners
        #expect(summary.events == participants + summary.sessions)
        if counts.users == nil { #expect(summary.sessions == participants) }
        #expect(summary.sessions <= counts.users ?? .max)
        var events: [PromptEvent] = []
        let view = PromptView(journal)
        for link in try await view.sessions(ofPrompt: counts.name) {
            events += try #require(try await view.session(link.session)).events.map(\.event)
        }
        #expect(events.count == summary.events)
        #expect(Int64(events.count { $0.act == .like }) == counts.likes)
        let comments = events.filter { $0.act != .join }
        #expect(comments.count { $0.promptTime < .zero } == counts.negatives)
        if counts.name == "16" { #expect(comments.map(\.promptTime.seconds).min() == -73) }
        let again = try await importer.run(path, .timedComments)
        #expect(again.events == 0)
        #expect(again.duplicates == summary.events)
    }

    @Test(arguments: ["user_activity_tracking", "module_engagement_acceptance_tracking_20150416"])
    func `a tracking log that is cut in two is the same log`(name: String) async throws {
        let path = "\(try #require(RealData.folder))/sessions/edx-tracking/\(name).log"
        let lines = try String(contentsOfFile: path, encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false)
        let expected = try await PromptImporter(into: MemoryJournal()).run(path, .edx)
        let folder = try ScratchFolder()
        for count in stride(from: 3, to: lines.count, by: 11) {
            let parts = [
                try folder.file("log.1", lines.prefix(count).joined(separator: "\n") + "\n"),
                try folder.file("log", lines.dropFirst(count).joined(separator: "\n")),
            ]
            let summary = try await PromptImporter(into: MemoryJournal()).run(parts, .edx)
            #expect(summary == expected, "cut behind \(count)")
        }
    }

    @Test(arguments: [
        "enrollment_trends_tracking", "event_export_tracking", "user_activity_tracking",
        "module_engagement_acceptance_tracking_20150413",
        "module_engagement_acceptance_tracking_20150416", "video_timeline",
    ])
    func `tracking logs import, and again add nothing`(name: String) async throws {
        let path = "\(try #require(RealData.folder))/sessions/edx-tracking/\(name).log"
        let journal = MemoryJournal()
        let importer = PromptImporter(into: journal)
        let summary = try await importer.run(path, .edx)
        #expect(summary.badRows == 0)
        let head = try await journal.head()
        let again = try await importer.run(path, .edx)
        #expect(again.events == 0)
        #expect(again.duplicates == summary.events)
        #expect(try await journal.head() == head)
        // One video is played once more after its page was closed.
        let ignoredCount = name == "user_activity_tracking" ? 1 : 0
        #expect(summary.uncounted == ignoredCount)
        let told = try await SystemEventView(journal).list(SystemEventQuery())
        #expect(told.rows.count == ignoredCount)
        if let payload = told.rows.first?.event.payload?.description {
            #expect(payload.contains(#""evtype":"press_prompt_start_response","prompt_time":0.0,"#))
            #expect(payload.contains(#""left_at":155.234121}"#))
        }
        var types: [String] = []
        try await journal.forEachEvent { header, frame in
            types.append(header.type(in: frame))
            return .proceed
        }
        let stored = types
        func count(_ type: String) -> Int { stored.count { $0 == "prompt.\(type)" } }
        // The counts of play, pause, stop and of problem checks that the server graded.
        switch name {
        case "video_timeline":
            #expect(count("press_prompt_start_response") == 9)
            #expect(count("press_prompt_end_response") == 5)
            #expect(count("leave") == 2)
        case "event_export_tracking": #expect(count("numeric_prompt_response") == 1)
        case "user_activity_tracking":
            #expect(count("press_prompt_start_response") == 12)
            #expect(count("numeric_prompt_response") == 9)
        case "module_engagement_acceptance_tracking_20150413":
            #expect(count("press_prompt_start_response") == 5)
            #expect(count("press_prompt_end_response") == 2)
        case "module_engagement_acceptance_tracking_20150416":
            #expect(count("press_prompt_start_response") == 6)
            #expect(count("press_prompt_end_response") == 3)
            #expect(count("numeric_prompt_response") == 7)
        default: break
        }
        #expect(count("join") == summary.sessions)
    }
}
