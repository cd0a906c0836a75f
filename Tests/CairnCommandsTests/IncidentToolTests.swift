import Cairn
import CairnTestSupport
import Foundation
import Testing

@testable import CairnCommands

/// The incident tool over a machine of an embedder's own.
struct IncidentToolTests {
    private let folder: ScratchFolder
    private let tool = IncidentTool(TicketDesk(), JobMachine(), name: "tickets incident")

    init() async throws {
        folder = try ScratchFolder()
        try await TicketDesk.journal(at: folder.path("j"))
    }

    private func run(_ arguments: String...) async -> CapturedRun {
        await tool.captured(arguments + ["--journal", folder.path("j")])
    }

    @Test func `the list has a column for each member of the states`() async {
        let run = await run("list")
        #expect(
            run.output == """
                key     position  event_count  recorded_at           free  held  sold
                mahler         6            4  2026-03-01T18:05:00Z     0     2     3
                mozart         3            2  2026-03-01T18:02:00Z     1     0     2

                """
        )
        #expect((run.status, run.error) == (0, ""))
        let chosen = await self.run("list", "--where", "held > 0", "--format", "json")
        #expect(
            chosen.output == #"[{"key":"mahler","position":6,"event_count":4,"#
                + #""recorded_at":"2026-03-01T18:05:00.000000Z","#
                + #""state":{"free":0,"held":2,"sold":3}}]"# + "\n"
        )
        let early = await self.run("list", "--as-of", "1")
        #expect(early.output.contains("mozart") && !early.output.contains("mahler"))
        let none = await self.run("list", "--where", "held > 9")
        #expect(none.output == "no such keys\n")
        #expect(await self.run("list", "--where", "held >").status == 64)
    }

    @Test func `a key has a state and a timeline`() async {
        let state = await run("state", "mahler", "--as-of", "4")
        #expect(
            state.output == """
                key          mahler
                position     4
                event_count  2
                recorded_at  2026-03-01T18:03:00Z

                field  value
                free       3
                held       2
                sold       0

                """
        )
        let timeline = await run("timeline", "mozart")
        #expect(
            timeline.output == """
                position  sequence  event  occurred_at           document
                       1         1  held   1970-01-01T00:00:00Z  {"held":2}
                       3         2  sold   1970-01-01T00:00:00Z  {"sold":2}

                """
        )
        let unknown = await run("state", "bach")
        #expect(unknown.status == 66)
        #expect(
            unknown.error == "tickets incident: state: no event of tickets/bach is in "
                + "\(folder.path("j")) at that moment\n"
        )
    }

    @Test func `two moments and two keys are compared`() async {
        let moments = await run("diff", "mahler", "2", "end", "--check")
        #expect(moments.status == 1)
        #expect(moments.output.hasSuffix("free    1    0\nsold    0    3\n"))
        let keys = await run("diff", "mozart", "mahler", "--events")
        #expect(
            keys.output == """
                key                 mozart
                other_key           mahler
                event_count         2
                other_event_count   4
                common_count        2
                common_start_count  1
                parted              yes

                key     position  sequence  event  occurred_at           document
                mozart         3         2  sold   1970-01-01T00:00:00Z  {"sold":2}
                mahler         4         2  letGo  1970-01-01T00:00:00Z  letGo

                position  event  is  other_event  other_position
                       1  held   =   held                      2
                       -  -      >   letGo                     4
                       -  -      >   held                      5
                       3  sold   =   sold                      6

                path  old  new
                free    1    0
                held    0    2
                sold    2    3

                """
        )
        #expect(await run("diff", "mozart", "mozart", "--check").status == 0)
        #expect(await run("diff", "mozart", "3", "1").status == 64)
        #expect(await run("diff", "mozart").status == 64)
        #expect(await run("diff", "mozart", "1", "99").status == 65)
    }

    @Test func `the event that broke it is found`() async throws {
        // Three tickets there are, and never more.
        let broken = await run("bisect", "--where", "free > 0 and held > 1")
        #expect(broken.status == 0)
        let first = await run("bisect", "mahler", "--where", "held == 2 && free == 3")
        #expect(
            first.output == """
                key           mahler
                position      4
                sequence      2
                event         letGo
                occurred_at   1970-01-01T00:00:00Z
                recorded_at   2026-03-01T18:03:00Z
                document      letGo
                folds         1
                events_read   2
                states_asked  2

                path  old  new
                free    1    3

                """
        )
        let never = await run("bisect", "mozart", "--where", "held == 2 && free == 3")
        #expect(never.status == 66)
        #expect(
            never.error
                == "tickets incident: bisect: no event up to position 6 makes it true\n"
        )
        let sold = await run("bisect", "--where", "sold > 0", "--count", "> 1", "--lasting")
        #expect(sold.output.contains("position      6\n"))
        #expect(sold.output.contains("count_before  1\ncount_after   2\n"))
    }

    @Test func `a history that did not happen stands beside the one that did`() async throws {
        let run = await run("what-if", "mahler", "--drop", "2")
        #expect(run.status == 0, "\(run.error)")
        #expect(
            run.output.hasPrefix(
                """
                key                  mahler
                event_count          4
                what_if_event_count  3
                first_difference     2
                last_difference      4

                line  change   sequence  event  document    differs_in
                   2  dropped         2  letGo  letGo       free
                   4  kept            4  sold   {"sold":3}  free


                """
            ),
            "\(run.output)"
        )
        let words = run.output.split(separator: "\n").last?.split(separator: " ")
        #expect(words == ["free", "0", "-2"])
        let moved = await self.run("what-if", "mahler", "--move", "2", "3", "--format", "json")
        let object = try JSONSerialization.jsonObject(with: Data(moved.output.utf8))
        let json = try #require(object as? [String: Any])
        let events = try #require(json["events"] as? [[String: Any]])
        #expect(events.map { $0["change"] as? String } == ["moved_away", "moved_here", "kept"])
        #expect(events.map { $0["sequence"] as? Int } == [2, 2, 4])
        let same = await self.run("what-if", "mahler", "--move", "2", "1")
        #expect(same.output.hasSuffix("\nnothing differs\n"))
        let refusals: [([String], Int32, String)] = [
            (["mahler", "--insert", "{}"], 65, "this machine does not read events from JSON"),
            (["mahler", "--drop", "9"], 65, "there is no event 9; the history has events 1 to 4"),
            (["mahler", "--move", "1"], 64, "no event to stand after is named for event 1"),
            (["bach", "--drop", "1"], 66, "no event of tickets/bach"),
        ]
        for (arguments, status, clue) in refusals {
            let refused = await tool.captured(
                ["what-if"] + arguments + ["--journal", folder.path("j")]
            )
            #expect(refused.status == status && refused.output == "", "\(arguments)")
            #expect(refused.error.hasPrefix("tickets incident: what-if: "))
            #expect(refused.error.contains(clue), "\(refused.error)")
        }
    }

    @Test func `the end of the journal is that of the machine's streams`() async throws {
        let run = await run("tail", "-n", "2")
        #expect(
            run.output == """
                key     position  sequence  event  occurred_at           document
                mahler         5         3  held   1970-01-01T00:00:00Z  {"held":3}
                mahler         6         4  sold   1970-01-01T00:00:00Z  {"sold":3}

                """
        )
        func positions(_ arguments: String...) async throws -> [Int] {
            let run = await tool.captured(
                ["tail", "--format", "json"] + arguments + ["--journal", folder.path("j")]
            )
            let json = try JSONSerialization.jsonObject(with: Data(run.output.utf8))
            return try #require(json as? [[String: Any]]).compactMap { $0["position"] as? Int }
        }
        #expect(try await positions() == [1, 2, 3, 4, 5, 6])
        #expect(try await positions("--key", "mozart") == [1, 3])
        #expect(try await positions("--event", "sold") == [3, 6])
        #expect(try await positions("--where", "held > 2") == [5])
        #expect(try await positions("--as-of", "4", "-n", "1") == [4])
        #expect(try await positions("--machine", "job") == [])
        #expect(await self.run("tail", "--event", "none").output == "no such events\n")
        #expect(await self.run("tail", "--follow", "--as-of", "3").status == 64)
    }

    @Test func `an old machine and a new one are compared, for a deploy`() async throws {
        let comparing = IncidentTool(TicketDesk(), name: "tickets incident")
            .comparing(TicketDesk(), to: TicketDesk(forgets: false)) { comparison in
                comparison.isInFlight = { old, new in old.free > 0 || new.free > 0 }
            }
        func run(_ arguments: String...) async -> CapturedRun {
            await comparing.captured(["compare"] + arguments + ["--journal", folder.path("j")])
        }
        let all = await run()
        #expect(all.status == 1, "\(all.error)")
        #expect(
            all.output == """
                key_count                 2
                in_flight_count           1
                diverged_count            1
                diverged_in_flight_count  0
                cause_count               1

                type            key_count  in_flight_count  healed_count  example  position  fields
                tickets.let_go          1                0             0  mahler          4  held

                """
        )
        let one = await run("--key", "mahler")
        #expect(one.status == 1)
        #expect(one.output.contains("after_this_event  old  new\nheld                2    0\n"))
        #expect(await run("--key", "mozart").status == 0)
        #expect(await run("--key", "bach").status == 66)
        // Neither is there one of which it holds, in flight or not; that none is in flight passes.
        for choice in [["--where", "held > 99"], ["--in-flight", "--where", "held > 99"]] {
            let none = await comparing.captured(
                ["compare"] + choice + ["--journal", folder.path("j")]
            )
            #expect(none.status == 66 && none.output == "", "\(choice)")
            #expect(none.error.contains("no key fits, so nothing was compared"), "\(none.error)")
        }
        let still = await run("--in-flight", "--where", "free == 0")
        #expect(still.status == 0 && still.output.contains("key_count                 0\n"))
        for passed in [
            ["--in-flight"], ["--ignore", "held"], ["--where", "held == 0"], ["--as-of", "3"],
        ] {
            let equal = await comparing.captured(
                ["compare"] + passed + ["--journal", folder.path("j")]
            )
            #expect(equal.status == 0, "\(passed)")
            #expect(equal.output.hasSuffix("\nall states are equal\n"))
        }
        let json = await run("--format", "json")
        #expect(json.output.contains(#":"held","old":2,"new":0}],"final_differences":"#))
        let same = IncidentTool(TicketDesk(), name: "t").comparing(TicketDesk(), to: TicketDesk())
        #expect(await same.captured(["compare", "--journal", folder.path("j")]).status == 0)
        // One key leaves nothing to choose.
        for choice in [
            ["--in-flight"], ["--limit", "1"], ["--where", "garbage("],
            ["--now", "2026-03-01T18:00:00Z"],
        ] {
            let refused = await comparing.captured(
                ["compare", "--key", "mahler"] + choice + ["--journal", folder.path("j")]
            )
            #expect(refused.status == 64 && refused.error.contains("nothing to choose"))
        }
        // Without a pair there is nothing to compare.
        #expect(await tool.captured(["compare", "--journal", folder.path("j")]).status == 64)
    }

    @Test func `what comes is shown, too, as it is chosen`() async throws {
        let path = folder.path("j")
        let journal = try LMDBJournal(path: path)
        defer { journal.close() }
        let (tool, pages) = (tool, CapturedPages())
        let run = Task {
            await tool.captured(
                ["tail", "-n", "1", "-f", "--where", "sold == 3", "--format", "json"]
                    + ["--journal", path],
                in: pages
            )
        }
        func positions() throws -> [Int?] {
            try pages.output.split(separator: "\n").map { line in
                let row = try JSONSerialization.jsonObject(with: Data(line.utf8))
                return (row as? [String: Any])?["position"] as? Int
            }
        }
        try await eventually { !pages.output.isEmpty }
        let desk = TicketDesk()
        for (concert, event) in [
            ("bach", TicketDesk.Event.held(3)), ("mozart", .sold(1)), ("bach", .sold(3)),
        ] {
            try await journal.append(try desk.newEvent(event), to: try desk.stream(of: concert))
        }
        try await eventually { try positions().count >= 2 }
        run.cancel()
        #expect(await run.value == 0)
        #expect(try positions() == [6, 9])
        #expect(pages.error == "")
    }

    @Test func `the tail has no events that are out of sight`() async throws {
        let path = folder.path("requests")
        let journal = try LMDBJournal(path: path)
        defer { journal.close() }
        let tracker = PipelineTracker(journal: journal)
        for request in ["R-1", "R-2", "R-1", "R-2"] {
            try await tracker.started(request, tenant: "t", stage: "PARSING")
        }
        try await PipelineRemover(journal).forget(request: "R-1")
        let tool = IncidentTool(RequestMachine(.priorAuthorization), name: "requests incident")
        func keys(_ arguments: String...) async throws -> [String?] {
            let run = await tool.captured(
                ["tail", "--format", "json", "--journal", path] + arguments
            )
            #expect(run.status == 0, "\(run.error)")
            let json = try JSONSerialization.jsonObject(with: Data(run.output.utf8))
            return try #require(json as? [[String: Any]]).map { $0["key"] as? String }
        }
        #expect(try await keys() == ["R-2", "R-2"])
        // There are as many as are asked for, where there are.
        #expect(try await keys("-n", "2") == ["R-2", "R-2"])
        #expect(try await keys("--as-of", "3") == ["R-1", "R-2", "R-1"])
        #expect(try await keys("--key", "R-1") == [])
        let pages = CapturedPages()
        let run = Task {
            await tool.captured(["tail", "-f", "--format", "json", "--journal", path], in: pages)
        }
        try await eventually { pages.output.split(separator: "\n").count >= 2 }
        try await tracker.started("R-3", tenant: "t", stage: "PARSING")
        try await PipelineRemover(journal).forget(request: "R-2")
        try await tracker.completed("R-3", tenant: "t", stage: "PARSING")
        try await eventually { pages.output.split(separator: "\n").count >= 4 }
        run.cancel()
        #expect(await run.value == 0)
        let last = pages.output.split(separator: "\n").suffix(2)
        #expect(last.allSatisfy { $0.contains("\"key\":\"R-3\"") }, "\(pages.output)")
    }

    @Test func `a member that is null in one state and absent in the other is told`() async {
        let tool = IncidentTool(TicketDesk(), name: "t").comparing(TicketDesk(), to: NotedDesk())
        let all = await tool.captured(["compare", "--journal", folder.path("j")])
        #expect(all.status == 1, "\(all.error)")
        #expect(all.output.contains("  note\n"), "\(all.output)")
        let one = await tool.captured(
            ["compare", "--key", "mozart", "--journal", folder.path("j")]
        )
        #expect(one.status == 1)
        #expect(one.output.contains("after_this_event  old  new\nnote              -    -\n"))
        // What holds them may be new as a whole: then what is null in it says nothing.
        let whole = IncidentTool(TicketDesk(), name: "t")
            .comparing(TicketDesk(), to: NotedDesk(isWhole: true))
        let found = await whole.captured(
            ["compare", "--key", "mozart", "--journal", folder.path("j")]
        )
        #expect(found.output.contains("new\nnote.text         -    none\n"), "\(found.output)")
        #expect(!found.output.contains("note.by"))
    }

    @Test func `a screen needs a terminal`() async {
        let run = await run("explore", "mahler")
        #expect(run.status == 64)
        #expect(run.error.contains("'tickets incident timeline' needs none"))
    }

    @Test func `help and mistakes have the name of the tool`() async {
        let help = await tool.captured(["--help"])
        #expect(help.status == 0)
        #expect(help.output.contains("USAGE: tickets incident <subcommand>"))
        let verb = await tool.captured(["repair"])
        #expect(verb.status == 64)
        #expect(
            verb.error
                == "tickets incident: there is no verb 'repair'; see 'tickets incident --help'\n"
        )
        let machine = await run("list", "--machine", "trains")
        #expect(machine.status == 64)
        #expect(
            machine.error == "tickets incident: list: --machine must be one of tickets, job\n"
        )
        #expect(await run("list", "--machine", "job").output == "no such keys\n")
        let absent = await tool.captured(["list", "--journal", folder.path("none")])
        #expect(absent.status == 66)
    }

    @Test func `nothing is written, neither to a journal in use nor to a backup`() async throws {
        let path = folder.path("j")
        // Whoever writes goes on holding it, and has written more than the tables know.
        let journal = try LMDBJournal(path: path)
        defer { journal.close() }
        let desk = TicketDesk()
        try await journal.append(try desk.newEvent(.sold(1)), to: try desk.stream(of: "mozart"))
        _ = try journal.backup(to: folder.path("copy"))
        let comparing = tool.comparing(TicketDesk(), to: TicketDesk())
        var outputs: [[String]] = []
        for name in ["j", "copy"] {
            let files = try Self.files(in: folder, name)
            #expect(files["data.mdb"]?.isEmpty == false)
            var pages: [String] = []
            for (line, status) in [
                ("list", 0), ("state mahler", 0), ("timeline mahler", 0), ("tail", 0),
                ("diff mahler 1 end", 0), ("bisect --where sold>2", 0),
                ("bisect --where sold>2 --lasting", 0), ("what-if mahler --drop 1", 0),
                ("compare", 0), ("state haydn", 66), ("list --where nosuch==1", 0),
            ] {
                let words = line.split(separator: " ").map(String.init)
                let run = await comparing.captured(words + ["--journal", folder.path(name)])
                #expect(run.status == status, "\(line): \(run.error)")
                pages.append(run.output)
                #expect(try Self.files(in: folder, name) == files, "\(line) on \(name)")
            }
            outputs.append(pages)
        }
        #expect(outputs[0] == outputs[1])
    }

    /// All files of a journal but its lock file, in which readers take their places.
    private static func files(in folder: ScratchFolder, _ name: String) throws -> [String: Data] {
        let manager = FileManager.default
        let names = try manager.subpathsOfDirectory(atPath: folder.path(name))
        return try names.reduce(into: [:]) { files, file in
            var isFolder: ObjCBool = false
            let path = folder.path("\(name)/\(file)")
            guard manager.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue,
                !file.hasSuffix("lock.mdb")
            else { return }
            files[file] = try folder.data("\(name)/\(file)")
        }
    }
}

/// The same desk, whose states have a note that nobody wrote.
private struct NotedDesk: InspectableMachine {
    private let desk = TicketDesk()
    /// Whether the note is an object.
    var isWhole = false

    var streamKind: StreamKind { desk.streamKind }
    var initial: TicketDesk.State { desk.initial }

    func event(
        _ header: EventHeader,
        frame: RawSpan
    ) throws(EventCodecError) -> TicketDesk.Event? {
        try desk.event(header, frame: frame)
    }

    func evolve(_ state: inout TicketDesk.State, by event: TicketDesk.Event) {
        desk.evolve(&state, by: event)
    }

    func passOver(_ state: inout TicketDesk.State) {}

    func document(of state: TicketDesk.State) -> JSONValue {
        guard case .object(let members) = desk.document(of: state) else { return .null }
        let whole = JSONValue.object([
            JSONMember("by", .null), JSONMember("text", .string("none")),
        ])
        return .object(members + [JSONMember("note", isWhole ? whole : .null)])
    }
}
