import CairnTestSupport
import Foundation
import Testing

/// What verbs that take `--incident` and the options beside it choose: all of them the same.
struct IncidentChoiceTests {
    /// A journal in a folder, and what three verbs choose in it.
    private struct Journal {
        let folder: ScratchFolder
        let name: String

        func cairn(_ arguments: [String]) async throws -> CairnProcess {
            try await CairnProcess.run(arguments + ["--journal", name], in: folder.url)
        }

        static func ids(_ run: CairnProcess) throws -> Set<String> {
            let rows = try #require(run.json as? [[String: Any]], "\(run.error)")
            return Set(rows.compactMap { $0["pagw_id"] as? String })
        }

        /// The requests that `requests`, `bundle` and `report` choose, after a look at whether
        /// they are the same.
        func chosen(_ choice: [String], _ number: Int = 0) async throws -> Set<String> {
            let listed = try Self.ids(
                try await cairn(["requests", "--format", "json"] + choice)
            )
            let bundle = "b\(number)"
            let bundled = try await cairn(["bundle", "--keep-payloads", "-o", bundle] + choice)
            let page = try await cairn(["report", "-o", "-"] + choice)
            guard !listed.isEmpty else {
                #expect(bundled.status == 66 && page.status == 66, "\(choice)")
                return []
            }
            #expect(bundled.status == 0 && page.status == 0, "\(bundled.error)\(page.error)")
            let inBundle = try await CairnProcess.run(
                ["requests", "--format", "json", "--journal", bundle],
                in: folder.url
            )
            #expect(try Self.ids(inBundle) == listed, "\(choice)")
            let counted = try await cairn(
                ["report", "-o", "r\(number)", "--format", "json"] + choice
            )
            let result = try #require(counted.json as? [String: Any], "\(counted.error)")
            #expect(result["request_count"] as? Int == listed.count, "\(choice)")
            for id in listed { #expect(page.output.contains("\"\(id)\""), "\(choice) \(id)") }
            return listed
        }
    }

    /// Rows of requests that begin, go on, fail, end and begin anew, by a seed.
    private static func rows(seed: UInt64) -> String {
        var state = seed
        func next(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        let types = [
            ("PARSE_START", "STARTED"), ("PARSE_OK", "COMPLETED"), ("PARSE_FAIL", "FAILED"),
            ("NOTIFY_START", "STARTED"), ("NOTIFY_OK", "COMPLETED"),
        ]
        var rows = "tenant,pagw_id,stage,event_type,status,created_at\n"
        for _ in 0..<60 {
            let (type, status) = types[Int(next(5))]
            let stage = type.hasPrefix("PARSE") ? "PARSING" : "SUBSCRIPTION_HANDLER"
            let minute = 10 + next(80)
            rows += "t,Q-\(next(9)),\(stage),\(type),\(status),"
            rows += "2025-12-25T\(10 + minute / 60):\(10 + minute % 50):00Z\n"
        }
        return rows
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `three verbs choose the same requests of a random journal`(seed: UInt64) async throws {
        let folder = try ScratchFolder()
        try folder.file("rows.csv", Self.rows(seed: seed))
        let journal = Journal(folder: folder, name: "j")
        let imported = try await journal.cairn(["import", "rows.csv"])
        #expect(imported.status == 0, "\(imported.error)")
        let all = try Journal.ids(try await journal.cairn(["requests", "--format", "json"]))
        let choices = [
            ["--incident", "2025-12-25T10:30:00Z..2025-12-25T10:35:00Z"],
            ["--incident", "2025-12-25T11:55:00Z..", "--status", "FAILURE"],
            ["--incident", "..2025-12-25T10:25:00Z"],
        ]
        var sizes: Set<Int> = []
        for (number, choice) in choices.enumerated() {
            let chosen = try await journal.chosen(choice, number)
            #expect(chosen.isSubset(of: all))
            sizes.insert(chosen.count)
        }
        #expect(sizes != [all.count])
    }

    @Test func `of the demo one that is stuck since before belongs to it, and none that had ended`()
        async throws
    {
        let folder = try ScratchFolder()
        let journal = Journal(folder: folder, name: "demo")
        let demo = try await journal.cairn(["demo", "--format", "json"])
        #expect(demo.status == 0, "\(demo.error)")
        let range = "2025-12-25T16:00:00Z..2025-12-25T16:10:00Z"
        let chosen = try await journal.chosen(["--incident", range])
        // It rests in an event of 13:15.
        #expect(chosen.contains("PAGW-20251225-00144-JFRKZH"))
        // It had ended by 12:30.
        #expect(!chosen.contains("PAGW-20251225-00042-UZHYM4"))
        let within = try await journal.cairn([
            "find", "--since", "2025-12-25T16:00:00Z", "--until", "2025-12-25T16:10:00Z",
            "--columns", "pagw_id", "--limit", "5000", "--format", "json",
        ])
        let active = try Journal.ids(within)
        #expect(!active.isEmpty && active.isSubset(of: chosen))
        for id in chosen.subtracting(active) {
            let then = try await journal.cairn([
                "state", id, "--as-of", "2025-12-25T16:00:00Z", "--format", "json",
            ])
            let state = try #require(then.json as? [String: Any], "\(then.error)")
            #expect(state["terminal"] as? Bool == false, "\(id)")
        }
    }

    @Test(arguments: ["requests", "bundle -o b", "report -o r"])
    func `where nothing ends a request it is said why all of them fit`(
        verb: String
    ) async throws {
        let fixture = try await Fixture()
        let note =
            "no event type ends a request here, so --incident leaves out none that began before it; "
            + "--pipeline takes a definition that says which types do\n"
        func error(_ options: String) async throws -> String {
            let run = try await fixture.cairn(verb + options)
            #expect(run.status == 0, "\(run.error)")
            for name in ["b", "r"] { try? fixture.folder.remove(name) }
            return run.error
        }
        let late = " --incident 2025-12-25T11:00:00Z.."
        #expect(try await error(late) == "cairn: \(verb.prefix { $0 != " " }): \(note)")
        #expect(try await error(" --incident ..2025-12-25T11:00:00Z") == "")
        let path = ReadmeTests.package.appending(path: "Specs/Pipelines/prior-authorization.json")
        let text = try String(contentsOf: path, encoding: .utf8)
        try fixture.folder.file(
            "p.json",
            text.replacing(#""name": "PARSE_OK","#, with: #""name": "PARSE_OK", "terminal": true,"#)
        )
        #expect(try await error("\(late) --pipeline p.json") == "")
    }

    @Test(arguments: [
        "requests", "bundle -o b", "report -o r", "compare --new p.json", "conformance",
    ])
    func `status and stage choose by where requests stand`(verb: String) async throws {
        let fixture = try await Fixture()
        let path = ReadmeTests.package.appending(path: "Specs/Pipelines/prior-authorization.json")
        try fixture.folder.file("p.json", try String(contentsOf: path, encoding: .utf8))
        for (choice, count) in [
            ("--status FAILURE", 1), ("--stage PARSER --tenant anthem", 3),
            ("--stage PARSING --status STARTED --where attempt>0", 1),
        ] {
            let arguments = verb.split(separator: " ") + choice.split(separator: " ")
            let run = try await fixture.cairn(
                arguments.map(String.init) + ["--format", "json", "--now", "2025-12-25T10:20:00Z"]
            )
            #expect(run.status == 0, "\(run.error)")
            if let rows = run.json as? [Any] {
                #expect(rows.count == count, "\(choice)")
            } else {
                let result = try #require(run.json as? [String: Any], "\(run.error)")
                #expect(result["request_count"] as? Int == count, "\(verb) \(choice)")
            }
            try? fixture.folder.remove("b")
        }
    }
}
