import Cairn
import CairnTestSupport
import Foundation
import Testing

/// `cairn bundle`, from its arguments to the journal it makes.
struct BundleVerbTests {
    private static func rows(_ run: CairnProcess) throws -> [[String: Any]] {
        try #require(run.json as? [[String: Any]], "\(run.error)")
    }

    private static func names(in folder: ScratchFolder) throws -> [String] {
        try folder.names().filter { $0 != "projections" }.sorted()
    }

    @Test func `a bundle tells of each request what the journal tells`() async throws {
        let fixture = try await Fixture()
        let before = try fixture.bytes()
        let run = try await fixture.cairn("bundle R-3 R-2 -o i.cairn --keep-times --format json")
        #expect(run.status == 0, "\(run.error)")
        #expect(run.error == "")
        #expect(try fixture.bytes() == before)
        let result = try #require(run.json as? [String: Any])
        #expect(result["path"] as? String == "i.cairn")
        #expect(result["request_count"] as? Int == 2)
        #expect(result["item_count"] as? Int == 0 && result["job_count"] as? Int == 0)
        #expect(result["event_count"] as? Int == 5 && result["withheld_count"] as? Int == 0)
        for name in ["lease", "reference", "system_event"] {
            #expect(result["left_out_\(name)_count"] as? Int == 0, "\(name)")
        }
        #expect(result["names"] as? String == "keyed")
        #expect(result["times"] as? String == "kept")
        func cairn(_ line: String) async throws -> CairnProcess {
            try await CairnProcess.run(
                line.split(separator: " ").map(String.init) + ["--journal", "i.cairn"],
                in: fixture.folder.url
            )
        }
        #expect(try await cairn("verify").status == 0)
        let now = "--now 2025-12-25T10:30:00Z --format json"
        for verb in ["requests", "stuck --older-than 1m", "retries --open"] {
            var known = try Self.rows(try await fixture.cairn("\(verb) \(now)"))
            known = known.filter { ["R-2", "R-3"].contains($0["pagw_id"] as? String) }
            let found = try Self.rows(try await cairn("\(verb) \(now)"))
            #expect(found.count == known.count && !known.isEmpty, "\(verb)")
            for (row, other) in zip(known, found) {
                for (name, value) in row {
                    let isName = ["pagw_id", "tenant", "worker_id", "error_code", "error_message"]
                        .contains(name)
                    if isName, !(value is NSNull) {
                        let text = other[name] as? String ?? ""
                        #expect(text.wholeMatch(of: /[a-z]+-[0-9a-f]{8}/) != nil, "\(name)")
                    } else if name != "position" {
                        #expect("\(value)" == "\(other[name] ?? "-")", "\(verb) \(name)")
                    }
                }
            }
        }
        let tail = try Self.rows(try await cairn("tail --format json"))
        #expect(tail.count == 6)
        #expect(tail.first?["type"] as? String == BundleManifest.frameType)
    }

    @Test func `requests are chosen as other verbs choose them`() async throws {
        let fixture = try await Fixture()
        let cases = [
            ("--tenant anthem", 3, 8), ("--where attempt_max>0", 4, 10), ("--status FAILED", 1, 3),
            ("--stage PARSER", 4, 10), ("R-1 --tenant other", 2, 5),
            ("--incident 2025-12-25T10:00:00Z..2025-12-25T10:01:00Z", 1, 3),
            ("--incident 2025-12-25T10:00:00Z..2025-12-25T10:02:00Z", 2, 5),
            ("--tenant anthem --incident 2m..1m --now 2025-12-25T10:05:00Z", 3, 8),
            ("R-1 R-1 --as-of 2", 1, 2),
        ]
        for (index, (options, requestCount, eventCount)) in cases.enumerated() {
            let run = try await fixture.cairn("bundle \(options) -o b\(index) --format json")
            let result = try #require(run.json as? [String: Any], "\(options): \(run.error)")
            #expect(result["request_count"] as? Int == requestCount, "\(options)")
            #expect(result["event_count"] as? Int == eventCount, "\(options)")
        }
    }

    @Test func `items and jobs keep their verdicts`() async throws {
        let fixture = try await ItemFixture()
        let run = try await fixture.cairn("bundle --job newsletter --uuid u-4 --key k-3 -o b")
        #expect(run.status == 0, "\(run.error)")
        func verdicts(_ journal: String, _ verb: String) async throws -> [String] {
            let arguments = verb.split(separator: " ").map(String.init)
            let run = try await CairnProcess.run(
                arguments + ["--journal", journal, "--format", "json"],
                in: fixture.folder.url
            )
            return try Self.rows(run).map { row in
                ["verdict", "status", "channel", "attempt"]
                    .map { "\(row[$0] ?? "-")" }.joined(separator: " ")
            }
        }
        let before = try await verdicts("j", "interactions")
        #expect(before.count == 5)
        #expect(try await verdicts("b", "interactions") == before)
        // What nobody holds any more stays as it was when the bundle was made.
        fixture.endWorker()
        #expect(try await verdicts("b", "interactions") == before)
        #expect(try await verdicts("b", "interactions --private-copy") == before)
        #expect(try await verdicts("j", "interactions") != before)
        #expect(try await verdicts("b", "jobs").count == 1)
    }

    struct Refusal: CustomTestStringConvertible {
        let arguments: String
        let status: Int32
        let clue: String

        var testDescription: String { arguments }
    }

    static let refusals = [
        Refusal(arguments: "-o b", status: 64, clue: "nothing is chosen"),
        Refusal(arguments: "R-1", status: 64, clue: "Missing expected argument '--output"),
        Refusal(arguments: "R-1 -o .", status: 64, clue: "the bundle has no name"),
        Refusal(arguments: "R-1 -o b --incident 1h", status: 64, clue: "it is not FROM..TO"),
        Refusal(arguments: "R-1 R-9 -o b", status: 66, clue: "no event of request R-9"),
        Refusal(arguments: "--tenant nobody -o b", status: 66, clue: "no request in j is as"),
        Refusal(arguments: "--key k -o b", status: 66, clue: "nothing was ever begun"),
        Refusal(arguments: "--job J -o b", status: 66, clue: "no job J is in j"),
        Refusal(arguments: "R-1 -o b --key-file none", status: 66, clue: "no such file"),
        Refusal(arguments: "R-1 -o b --key-file rows.csv.short", status: 65, clue: "at least 32"),
        Refusal(arguments: "R-1 -o rows.csv", status: 65, clue: "rows.csv exists"),
        Refusal(arguments: "R-1 -o j/", status: 65, clue: "j exists"),
        Refusal(arguments: "R-1 -o no/b", status: 66, clue: "the folder no does not exist"),
    ]

    @Test(arguments: refusals)
    func `what cannot be bundled is one line with its code`(_ refusal: Refusal) async throws {
        let fixture = try await Fixture()
        try fixture.folder.file("rows.csv.short", "short")
        let names = try Self.names(in: fixture.folder)
        let run = try await fixture.cairn("bundle \(refusal.arguments)")
        #expect(run.status == refusal.status, "\(run.error)")
        #expect(run.output == "")
        #expect(run.error.contains(refusal.clue), "\(run.error)")
        #expect(run.error.split(separator: "\n").count == 1, "\(run.error)")
        #expect(try Self.names(in: fixture.folder) == names)
    }

    @Test func `what was removed is refused, also as of before`() async throws {
        let fixture = try await Fixture()
        let removed = try await fixture.cairn("forget --request R-1 --yes")
        #expect(removed.status == 0, "\(removed.error)")
        for line in ["bundle R-1 -o b", "bundle R-1 -o b --as-of 4"] {
            let run = try await fixture.cairn(line)
            #expect(run.status == 65, "\(line): \(run.error)")
            #expect(run.error.contains("request R-1 was removed"), "\(run.error)")
        }
        #expect(try await fixture.cairn("bundle --tenant anthem -o b").status == 0)
    }

    @Test func `bundles of one key file call things alike`() async throws {
        let fixture = try await Fixture()
        try fixture.folder.file("key", String(repeating: "k", count: 40))
        var names: [Set<String>] = []
        for (index, options) in ["--key-file key", "--key-file key", ""].enumerated() {
            let run = try await fixture.cairn("bundle R-1 R-2 \(options) -o b\(index)")
            #expect(run.status == 0, "\(run.error)")
            let listed = try await fixture.folder.cairn(
                "requests",
                "--journal",
                "b\(index)",
                "--format",
                "json"
            )
            names.append(Set(try Self.rows(listed).compactMap { $0["pagw_id"] as? String }))
        }
        #expect(names[0].count == 2 && names[0] == names[1])
        #expect(names[2].isDisjoint(with: names[0]))
    }

    @Test func `a pipeline of one's own goes along`() async throws {
        let fixture = try await Fixture()
        try fixture.folder.file(
            "p.json",
            #"{"name":"p","version":1,"description":"Anna's","open":false,"#
                + #""stages":[{"name":"PARSING"}],"#
                + #""event_types":[{"name":"PARSE_OK","stage":"PARSING","status":"COMPLETED"}]}"#
        )
        let run = try await fixture.cairn("bundle R-1 --pipeline p.json -o b --format json")
        #expect(run.status == 0, "\(run.error)")
        let row = try #require(
            try Self.rows(
                try await fixture.folder.cairn("requests", "--journal", "b", "--format", "json")
            ).first
        )
        let before = try await fixture.cairn("requests --pipeline p.json --format json")
        let known = try Self.rows(before).first { $0["pagw_id"] as? String == "R-1" }
        #expect(row["anomaly_count"] as? Int == known?["anomaly_count"] as? Int)
        #expect(row["stage"] as? String == "PARSING")
        #expect(try fixture.folder.data("b/data.mdb").range(of: Data("Anna".utf8)) == nil)
    }

    @Test(.enabled(if: getuid() == 0, "only root can mount a small disk"))
    func `a full disk leaves nothing`() async throws {
        let fixture = try await Fixture()
        var rows = "tenant,pagw_id,stage,event_type,status,created_at,metadata\n"
        let metadata = (0..<200).map { "\"\"text \($0)\"\"" }.joined(separator: ",")
        for number in 1...600 {
            rows += "a,F-\(number % 5),S,E,COMPLETED,2025-12-25T10:30:00Z,\"[\(metadata)]\"\n"
        }
        try fixture.folder.file("more.csv", rows)
        #expect(try await fixture.cairn("import more.csv").status == 0)
        let disk = fixture.folder.path("disk")
        try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: false)
        var mount = ChildCommand(
            "/usr/bin/env",
            ["mount", "-t", "tmpfs", "-o", "size=1m", "cairn-test", disk]
        )
        mount.error = .nothing
        guard try await mount.run() == .exit(0) else {
            print("skipped: no disk can be mounted here")
            return
        }
        defer { umount2(disk, 0) }
        let run = try await fixture.cairn("bundle --tenant a -o disk/b")
        #expect(run.status == 74, "\(run.error)")
        #expect(run.error.contains("no space left"), "\(run.error)")
        #expect(run.error.split(separator: "\n").count == 1, "\(run.error)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk) == [])
        #expect(try await fixture.cairn("bundle R-1 -o disk/b").status == 0)
    }

    @Test func `what is left out is counted, and so is what was left behind`() async throws {
        let fixture = try await Fixture()
        let journal = try LMDBJournal(path: fixture.folder.path("j"))
        try await journal.append(
            try NewEvent(
                type: SystemEvent.frameType,
                occurredAt: .unixEpoch,
                mayBeIgnored: true,
                payload: []
            ),
            to: try SystemEvent.stream()
        )
        journal.close()
        // No process has so high a number; the last one is that of the tests.
        let living = ".b [1].part-\(ProcessInfo.processInfo.processIdentifier)"
        let killed = [".b [1].part-4194305", "..b [1].part-4194305-x.birth-4194305-y"]
        for name in killed + [".b 1.part-4194305", ".b [1].part-x", living] {
            try FileManager.default.createDirectory(
                atPath: fixture.folder.path(name),
                withIntermediateDirectories: false
            )
        }
        let run = try await fixture.cairn(["bundle", "R-1", "-o", "b [1]"])
        #expect(run.status == 0)
        #expect(run.output.contains("\nleft_out_system_event_count  1\n"), "\(run.output)")
        #expect(!run.output.contains("left_out_lease_count"))
        #expect(
            run.error
                == killed.map {
                    "cairn: bundle: \($0) is left of one that was killed; it may be removed\n"
                }.joined()
        )
    }

    @Test func `one who stops it finds nothing of it`() async throws {
        let folder = try ScratchFolder()
        var rows = "tenant,pagw_id,stage,event_type,status,created_at,metadata\n"
        for number in 1...40_000 {
            rows += "a,R-\(number % 50),S,E,COMPLETED,2025-12-25T10:30:00Z,\"[\(number)]\"\n"
        }
        try folder.file("rows.csv", rows)
        #expect(try await folder.cairn("import", "rows.csv", "--journal", "j").status == 0)
        var wanted = [SIGINT, SIGTERM]
        // On a busy machine one may be whole before it is seen.
        for number in 0..<40 {
            guard let signal = wanted.last else { break }
            let name = "b\(number)"
            var command = try CairnProcess.command(
                ["bundle", "--tenant", "a", "-o", name, "--journal", "j"],
                in: folder.url
            )
            command.error = .file(folder.path("error"))
            let process = try await command.start()
            // Once its folder is there, it is being written.
            let part = ".\(name).part-"
            while true {
                let isRunning = process.isRunning
                if try folder.names().contains(where: { $0.hasPrefix(part) || $0 == name }) {
                    break
                }
                try #require(isRunning)
                try await Task.sleep(for: .milliseconds(1))
            }
            process.send(signal)
            let end = try await process.end()
            let isInterrupted = end == .exit(130)
            if isInterrupted { wanted.removeLast() }
            #expect(try !folder.names().contains { $0.hasPrefix(part) })
            #expect(try folder.names().contains(name) == !isInterrupted, "\(end)")
        }
        #expect(wanted == [])
        #expect(try folder.text("error") == "cairn: bundle: interrupted; nothing was made\n")
    }
}
