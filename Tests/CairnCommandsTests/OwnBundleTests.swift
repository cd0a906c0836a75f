import Cairn
import CairnCommands
import CairnTestSupport
import CairnTesting
import Foundation
import Testing

/// Bundles of a machine of an embedder's own.
struct OwnBundleTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private func run(_ line: String, by practice: Practice = Practice()) async -> CapturedRun {
        let tool = IncidentTool(practice, TicketDesk(), name: "practice incident")
        let words = line.split(separator: " ").map { word in
            ["j", "b"].contains { word == $0 || word.hasPrefix("\($0)/") }
                ? folder.path(String(word)) : String(word)
        }
        return await tool.captured(words)
    }

    private func write(_ events: [(String, Practice.Fact)]) async throws {
        try await Practice.journal(at: folder.path("j"), events).close()
    }

    private func view(_ name: String, asOf bound: UInt64? = nil) throws -> MachineView<Practice> {
        let journal = try LMDBJournal(path: folder.path(name), configuration: .readOnly)
        return MachineView(journal, Practice(), asOf: bound.map { Position(rawValue: $0) })
    }

    @Test(arguments: [[], ["--keep-times", "--keep-numbers"]])
    func `no secret is in the bytes of a bundle`(options: [String]) async throws {
        let id = Practice.secret("id")
        let journal = try await Practice.journal(at: folder.path("j"), try Practice.day(), id: id)
        try await journal.append(try Practice.ping(), to: try Practice().stream(of: Practice.visit))
        journal.close()
        let original = try folder.data("j/data.mdb")
        let line =
            "bundle \(Practice.visit) \(Practice.referral) --journal j -o b "
            + options.joined(separator: " ")
        let run = await run(line)
        #expect(run.status == 0, "\(run.error)")
        #expect(try folder.data("j/data.mdb") == original)
        #expect(
            run.output == """
                path            \(folder.path("b"))
                key_count       2
                event_count     10
                withheld_count  1
                names           keyed
                times           \(options.isEmpty ? "moved" : "kept")
                numbers         \(options.isEmpty ? "keyed" : "kept")

                """
        )
        #expect(try folder.names().sorted() == ["b", "j"])
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path("b")) == ["data.mdb"]
        )
        let last = try await view("b").journal.record(at: Position(rawValue: 11))
        #expect(last?.type == IncidentBundle.withheldType && last?.id == nil)
        let bytes = BundleSecretTests.lowercased(try folder.data("b/data.mdb"))
        for secret in Practice.secrets {
            #expect(original.range(of: Data(secret.utf8)) != nil, "\(secret) was never planted")
            for (form, needle) in BundleSecretTests.forms(of: secret) {
                let found = bytes.range(of: BundleSecretTests.lowercased(needle))
                #expect(found == nil, "\(secret) \(form)")
            }
        }
        #expect(bytes.range(of: Data(Practice.mark.lowercased().utf8)) == nil)
        let number = Data(Practice.number.description.utf8)
        #expect(original.range(of: number) != nil)
        #expect((bytes.range(of: number) != nil) == !options.isEmpty)
        let due = Practice.start.adding(.seconds(86_400)).rfc3339
        #expect(original.range(of: Data(due.utf8)) != nil)
        #expect((bytes.range(of: Data(due.lowercased().utf8)) != nil) == !options.isEmpty)
        for time in try await view("j").steps(of: try Practice().stream(of: Practice.visit)) {
            let needle = BundleSecretTests.littleEndian(time.recordedAt.nanoseconds)
            #expect(original.range(of: needle) != nil)
            #expect((try folder.data("b/data.mdb").range(of: needle) != nil) == !options.isEmpty)
        }
    }

    @Test func `a visit stands in a bundle where it stood`() async throws {
        try await write(try Practice.day())
        let run = await run("bundle --where standing==over --journal j -o b --format json")
        #expect(run.status == 0, "\(run.error)")
        #expect(run.output.contains(#""key_count":1,"event_count":7,"withheld_count":0"#))
        let (before, after) = (try view("j"), try view("b"))
        let known = try #require(try await before.standings(now: .unixEpoch).first?.state)
        let standing = try #require(try await after.standings(now: .unixEpoch).first)
        let state = standing.state
        func isStandIn(_ text: String?, _ kind: String) -> Bool {
            text?.wholeMatch(of: /([a-z]+)-[0-9a-f]{8}/)?.1 ?? "" == kind
        }
        // A key is called the same where it is a text, and so is one that is not in the bundle.
        #expect(isStandIn(standing.stream.key, "key"))
        #expect(state.notes.last == standing.stream.key)
        #expect(isStandIn(state.patient, "text") && isStandIn(state.notes.first, "text"))
        #expect(isStandIn(state.referral?.key, "key") && state.referral?.kind.name == "visits")
        #expect(state.standing == .over && state.origin == "front desk" && !state.isUrgent)
        #expect(state.department == "cardiology")
        // What is a case's raw value stays, also where somebody wrote it as a text.
        #expect(Set(state.tags.keys.map { isStandIn($0, "key") }) == [true])
        #expect(Set(state.tags.values.map(\.count)) == Set(known.tags.values.map(\.count)))
        #expect(state.tags.values.contains(["EUR"]))
        #expect(state.cents["GBP"] == 1_250)
        let euros = try #require(state.cents["EUR"])
        #expect(euros != Practice.number && euros >= 100_000_000)
        let shift = try #require(state.due).since(try #require(known.due))
        #expect(shift.nanoseconds < TimeSpan.seconds(-365 * 86_400).nanoseconds)
        #expect(try #require(state.begun).since(try #require(known.begun)) == shift)
        let steps = try await before.steps(of: try Practice().stream(of: Practice.visit))
        let copies = try await after.steps(of: standing.stream)
        #expect(copies.map { $0.recordedAt } == steps.map { $0.recordedAt.adding(shift) })
        #expect(copies.map { $0.occurredAt } == steps.map { $0.occurredAt.adding(shift) })
        #expect(copies.map { $0.sequence } == steps.map { $0.sequence })
    }

    @Test func `bundles of one key file agree, and each says what it is`() async throws {
        try await write(try Practice.day())
        try folder.file("key", String(repeating: "k", count: 40))
        var keys: [[String]] = []
        for options in ["--key-file \(folder.path("key"))", "--key-file \(folder.path("key"))", ""]
        {
            let run = await run("bundle \(Practice.visit) --journal j -o b \(options)")
            #expect(run.status == 0, "\(run.error)")
            keys.append(try await view("b").standings(now: .unixEpoch).map(\.stream.key))
            let record = try await view("b").journal.record(at: .first)
            let manifest = try #require(record)
            #expect(manifest.type == BundleManifest.frameType)
            let payload = String(decoding: manifest.payload, as: UTF8.self)
            #expect(payload.contains(#""kind":"visits","streams":1,"events":7,"names":"keyed""#))
            try folder.remove("b")
        }
        #expect(keys[0] == keys[1] && keys[0] != keys[2])
    }

    @Test func `what is asked to be kept is kept, without a form in JSON`() async throws {
        try await TicketDesk.journal(at: folder.path("j"))
        let refused = await run("bundle mahler --machine tickets --journal j -o b")
        #expect(refused.status == 65)
        #expect(
            refused.error == "practice incident: bundle: the machine of tickets does not read "
                + "events from JSON; implement its event(from:at:), or give --keep-payloads\n"
        )
        #expect(try folder.names() == ["j"])
        let run = await run("bundle mahler --machine tickets --keep-payloads --journal j -o b")
        #expect(run.status == 0, "\(run.error)")
        #expect(run.output.contains("names        kept\ntimes        kept\nnumbers      kept\n"))
        let before = await self.run("state mahler --machine tickets --journal j")
        let after = await self.run("state mahler --machine tickets --journal b")
        #expect(after.output.replacing("position     5", with: "position     6") == before.output)
        try folder.remove("b")
        func refusal(_ machine: any InspectableMachine) async -> CapturedRun {
            await IncidentTool(machine, name: "r").captured(
                ["bundle", "mahler", "--journal", folder.path("j"), "-o", folder.path("b")]
            )
        }
        let unwritten = await refusal(ReadingDesk())
        #expect(unwritten.status == 65)
        #expect(
            unwritten.error == "r: bundle: the machine of tickets does not write events down; make "
                + "it a StoredMachine, or give --keep-payloads\n"
        )
        for machine in [
            RequestMachine(.priorAuthorization), ItemMachine(), JobMachine(),
        ] as [any InspectableMachine] {
            let cairns = await refusal(machine)
            #expect(cairns.status == 65 && cairns.error.contains("'cairn bundle' makes bundles of"))
        }
        #expect(try folder.names() == ["j"])
    }

    @Test func `a state that would be another one is refused`() async throws {
        let booked = try Practice.day()[0]
        let charge = Practice.Fact.charged(cents: 123_456, currency: .euro)
        try await write([
            booked, ("w", charge), (Practice.visit, charge), (Practice.visit, charge),
            (Practice.visit, .left), ("u", .noted(text: "routine", tags: [:])),
            ("u", .noted(text: "urgent", tags: [:])), ("u", .left),
        ])
        let sum = await run("bundle w \(Practice.visit) --journal j -o b")
        #expect(sum.status == 65 && sum.output == "")
        #expect(sum.error.split(separator: "\n").count == 1)
        #expect(
            sum.error.hasPrefix(
                "practice incident: bundle: with stand-ins the event at position 4 makes another "
                    + "state, in 'cents.EUR'; give --keep-numbers where"
            ),
            "\(sum.error)"
        )
        #expect(try folder.names() == ["j"])
        let urgent = await run("bundle u --journal j -o b")
        #expect(urgent.status == 65)
        #expect(urgent.error.contains("position 7 makes another state, in 'isUrgent'"))
        #expect(try folder.names() == ["j"])
        let line = "bundle w u \(Practice.visit) --keep-numbers --journal j -o b"
        let telling = await run(line, by: Practice(words: ["urgent"]))
        #expect(telling.status == 0, "\(telling.error)")
        let states = try await view("b").standings(now: .unixEpoch).map(\.state)
        #expect(states.contains { $0.cents["EUR"] == 246_912 })
        #expect(states.contains { $0.isUrgent && $0.notes.last == "urgent" })
    }

    @Test func `what a machine cannot read with stand-ins is one line`() async throws {
        try await write(try Practice.day())
        let line = "bundle \(Practice.visit) --journal j -o b"
        let unknown = await run(line, by: Practice(words: []))
        #expect(unknown.status == 65 && unknown.output == "")
        #expect(
            unknown.error.hasPrefix(
                "practice incident: bundle: with stand-ins the event at position 7 is none of the "
                    + "machine's: 'to' must be a department; say with its isWord(_:)"
            )
        )
        let journal = try LMDBJournal(path: folder.path("j"))
        let stream = try Practice().stream(of: Practice.visit)
        try await journal.append(try Practice.ping(), to: stream)
        journal.close()
        let strict = await run(line, by: Practice(isStrict: true))
        #expect(strict.status == 65)
        #expect(
            strict.error.contains(
                "stands for the event at position 10: this program does not know"
            ),
            "\(strict.error)"
        )
        #expect(try folder.names() == ["j"])
        #expect(await run(line).status == 0)
    }

    @Test func `what was removed is refused, also as of before`() async throws {
        try await write(
            [(Practice.referral, .forgotten)] + (try Practice.day())
                + [(Practice.visit, .forgotten)]
        )
        for moment in ["", "--as-of 6"] {
            let run = await run("bundle \(Practice.visit) --journal j -o b \(moment)")
            #expect(run.status == 65)
            #expect(run.error.contains("visits/\(Practice.visit) was removed"), "\(run.error)")
        }
        // One that begins again has what came since.
        let run = await run("bundle \(Practice.referral) --journal j -o b")
        #expect(run.status == 0, "\(run.error)")
        #expect(run.output.contains("event_count     3\nwithheld_count  1\n"))
        #expect(try await view("b").standings(now: .unixEpoch).first?.state.notes.count == 1)
    }

    @Test func `a moment and a journal in use are bundled`() async throws {
        let journal = try await Practice.journal(at: folder.path("j"), try Practice.day())
        defer { journal.close() }
        let bytes = try folder.data("j/data.mdb")
        let run = await run("bundle \(Practice.visit) --journal j -o b --as-of 5")
        #expect(run.status == 0, "\(run.error)")
        #expect(try folder.data("j/data.mdb") == bytes)
        #expect(run.output.contains("event_count  4\n"))
        let state = try #require(try await view("b").standings(now: .unixEpoch).first?.state)
        #expect(state.standing == .open && state.cents.count == 1 && state.notes.count == 2)
        let list = await self.run("list --journal b")
        #expect(list.status == 0 && list.output.contains("key-"))
    }

    @Test func `bad input is one line with its code, and nothing is touched`() async throws {
        try await write(try Practice.day())
        try folder.file("short", "short")
        let cases: [(String, Int32, String)] = [
            ("bundle -o b --journal j", 64, "nothing is chosen; name keys, or give --where"),
            ("bundle \(Practice.visit) --journal j", 64, "Missing expected argument '--output"),
            ("bundle \(Practice.visit) --journal j -o .", 64, "the bundle has no name"),
            ("bundle bach --journal j -o b", 66, "no event of visits/bach is in"),
            ("bundle \(Practice.referral) --as-of 2 --journal j -o b", 66, "no event of visits/"),
            ("bundle --where standing==lost --journal j -o b", 66, "no key in"),
            ("bundle --where standing=== --journal j -o b", 64, "--where"),
            ("bundle \(Practice.visit) --journal j -o j", 65, "j exists; name another place"),
            ("bundle \(Practice.visit) --journal j -o b/b", 66, "does not exist; make it first"),
            ("bundle \(Practice.visit) --journal j -o b --as-of 99", 65, "99"),
            (
                "bundle \(Practice.visit) --journal j -o b --key-file \(folder.path("short"))", 65,
                "a key has at least 32"
            ),
        ]
        let bytes = try folder.data("j/data.mdb")
        for (line, status, clue) in cases {
            let run = await run(line)
            #expect(run.status == status && run.output == "", "\(line): \(run.error)")
            #expect(run.error.hasPrefix("practice incident: bundle: "), "\(run.error)")
            #expect(run.error.contains(clue), "\(run.error)")
            #expect(try folder.names().sorted() == ["j", "short"], "\(line)")
        }
        #expect(try folder.data("j/data.mdb") == bytes)
        try folder.file("b", "mine")
        #expect(await run("bundle \(Practice.visit) --journal j -o b").status == 65)
        #expect(try folder.text("b") == "mine")
    }

    @Test func `one who stops it finds nothing of it`() async throws {
        try await write(try Practice.day())
        let tool = IncidentTool(Practice(), name: "practice incident")
        let arguments = [
            "bundle", Practice.visit, "--journal", folder.path("j"), "-o", folder.path("b"),
        ]
        let run = Task {
            while !Task.isCancelled { await Task.yield() }
            return await tool.captured(arguments)
        }
        run.cancel()
        let stopped = await run.value
        #expect(stopped.status == 130)
        #expect(stopped.error == "practice incident: bundle: interrupted; nothing was made\n")
        #expect(try folder.names() == ["j"])
    }

    @Test func `the article shows the machine that the tests compile`() throws {
        let source = try ReadmeTests.lines(of: "Tests/CairnCommandsTests/OwnBundleSample.swift")
        let begin = try #require(source.firstIndex(of: "// begin bundle"))
        let end = try #require(source.firstIndex(of: "// end bundle"))
        let path = "Sources/Cairn/Cairn.docc/LookingIntoYourMachine.md"
        let shown = try ReadmeTests.blocks("swift", of: path)
        #expect(shown.contains(Array(source[(begin + 1)..<end])))
    }

    @Test(.enabled(if: getuid() == 0, "only root can mount a small disk"))
    func `a full disk leaves nothing`() async throws {
        let note = String(repeating: "a long note ", count: 400)
        try await write(
            (1...400).map { ("v-\($0)", .noted(text: "\($0)", tags: ["a": "\(note)\($0)"])) }
        )
        let disk = folder.path("disk")
        try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: false)
        var mount = ChildCommand(
            "/usr/bin/env",
            ["mount", "-t", "tmpfs", "-o", "size=200k", "cairn-test", disk]
        )
        mount.error = .nothing
        guard try await mount.run() == .exit(0) else {
            print("skipped: no disk can be mounted here")
            return
        }
        defer { umount2(disk, 0) }
        let line = "bundle --where isUrgent==false --keep-payloads --journal j -o \(disk)/b"
        let run = await run(line)
        #expect(run.status == 74, "\(run.error)")
        #expect(run.error.contains("no space left"), "\(run.error)")
        #expect(run.error.split(separator: "\n").count == 1, "\(run.error)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk) == [])
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func `texts are renamed one to one over random histories`(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let texts = [
            "a", "A", "", "caf\u{E9}", "cafe\u{301}", "v-1", "visits/v-2", "left", "12345",
        ]
        var events: [(String, Practice.Fact)] = []
        for _ in 0..<40 {
            let text = texts.randomElement(using: &random) ?? ""
            // Two spellings of a letter are one key to Swift, and have two stand-ins.
            let key = texts.filter { $0.utf8.count < 5 }.randomElement(using: &random) ?? ""
            let visit = "v-\(Int.random(in: 1...4, using: &random))"
            let fact: Practice.Fact =
                switch Int.random(in: 0..<5, using: &random) {
                case 0: .booked(patient: text, due: Practice.start)
                case 1: .charged(cents: Int.random(in: 0...200, using: &random), currency: .pound)
                case 2: .referred(to: "surgery", visit: try StreamID("visits/\(visit)"))
                case 3: .left
                default: .noted(text: text, tags: [key: text])
                }
            events.append((visit, fact))
        }
        try await write(events)
        let run = await run("bundle --where isUrgent==false --journal j -o b")
        #expect(run.status == 0, "\(run.error)")
        var names: [[UInt8]: [UInt8]] = [:]
        func expect(_ text: String?, became other: String?) {
            guard let text, let other else { return #expect(text == other) }
            let (bytes, others) = (Array(text.utf8), Array(other.utf8))
            #expect(names[bytes, default: others] == others, "\(text) has two stand-ins")
            names[bytes] = others
        }
        var pairs: [(StreamStanding<Practice.State>, StreamStanding<Practice.State>)] = []
        // At any moment; the manifest stands before all.
        for moment in [7, 23, 40] as [UInt64] {
            let before = try await view("j", asOf: moment).standings(now: .unixEpoch)
            let after = try await view("b", asOf: moment + 1).standings(now: .unixEpoch)
            try #require(before.count == after.count)
            pairs += zip(before, after)
        }
        for (row, copy) in pairs {
            #expect(row.position.rawValue + 1 == copy.position.rawValue)
            expect(row.stream.key, became: copy.stream.key)
            expect(row.state.patient, became: copy.state.patient)
            expect(row.state.referral?.key, became: copy.state.referral?.key)
            #expect(row.state.notes.count == copy.state.notes.count)
            for (note, other) in zip(row.state.notes, copy.state.notes) {
                expect(note, became: other)
            }
            #expect(row.state.cents == copy.state.cents)
            #expect(row.state.standing == copy.state.standing)
            let counts = copy.state.tags.values.map(\.count).sorted()
            #expect(row.state.tags.values.map(\.count).sorted() == counts)
        }
        #expect(Set(names.values).count == names.count, "two texts have one stand-in")
        #expect(names[Array("left".utf8)].map { $0 == Array("left".utf8) } ?? true)
    }
}

/// A ticket desk that only reads.
private struct ReadingDesk: InspectableMachine {
    private let desk = TicketDesk()
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
}
