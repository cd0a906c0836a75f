import CairnCore
@testable import CairnDomains
import CairnTesting
import Testing

struct PromptEventTests {
    @Test func `a prompt time is the Double it was, below zero too, and never without end`() throws
    {
        for seconds in [
            -73.0, -0.0, 0, 0.1, Double.leastNonzeroMagnitude, Double.greatestFiniteMagnitude,
            30.000000000000004,
        ] {
            let event = try PromptSessionTableTests.event(1, .like, seconds)
            let machine = PromptSessionMachine()
            let stored = StoredFrame(try machine.newEvent(.happened(event)))
            guard case .happened(let read)? = try stored.read(machine) else {
                Issue.record("\(seconds) was not read back")
                continue
            }
            #expect(read.promptTime.seconds.bitPattern == seconds.bitPattern)
            #expect(read == event)
        }
        for seconds in [Double.nan, .infinity, -.infinity] {
            #expect(throws: PromptEventError.self) { try PromptTime(seconds) }
        }
        #expect(try PromptTime(-73).description == "-73")
        #expect(try PromptTime(12.5).description == "12.5")
        // The two zeros are one time, and are shown as one.
        #expect(try PromptTime(-0.0).description == "0" && PromptTime(-0.0) == .zero)
    }

    @Test func `the two zeros are one content under a uid`() throws {
        let machine = PromptSessionMachine()
        let events = try [0.0, -0.0].map {
            try machine.newEvent(.happened(PromptSessionTableTests.event(1, .like, $0)))
        }
        #expect(events[0].payload != events[1].payload)
        #expect(events[0].contentDigest == events[1].contentDigest)
    }

    @Test func `every kind is stored and read back, and is the row it was`() throws {
        let machine = PromptSessionMachine()
        let rows: [(evtype: String, data: String)] = [
            ("join", "{}"), ("leave", "{}"), ("like", "{}"),
            ("numeric_prompt_response", #"{"rating":-9223372036854775808}"#),
            ("press_prompt_start_response", "{}"), ("press_prompt_end_response", "{}"),
            ("color_prompt_response", #"{"index":0}"#),
            ("word_prompt_response", #"{"index":9223372036854775807}"#),
        ]
        #expect(rows.map(\.evtype) == PromptActKind.allCases.map(\.rawValue))
        for (evtype, data) in rows {
            let act = try PromptAct(evtype: evtype, data: Array(data.utf8))
            #expect(String(decoding: act.data, as: UTF8.self) == data)
            let fact = PromptSessionFact.happened(try PromptSessionTableTests.event(1, act, 1.5))
            let stored = StoredFrame(try machine.newEvent(fact))
            #expect(stored.event.type == "prompt.\(evtype)")
            #expect(stored.event.id?.name == "ipe_1")
            #expect(try stored.read(machine) == fact)
        }
        let owner = try PromptSessionTableTests.owner("ann")
        let opened = PromptSessionFact.opened(owner, at: PromptSessionTableTests.now)
        #expect(try StoredFrame(try machine.newEvent(opened)).read(machine) == opened)
    }

    @Test(arguments: [
        ("join", #"{"index":1}"#), ("like", "[]"), ("like", ""), ("dance", "{}"),
        ("numeric_prompt_response", "{}"), ("numeric_prompt_response", #"{"rating":1.5}"#),
        ("numeric_prompt_response", #"{"rating":"1"}"#),
        ("color_prompt_response", #"{"index":-1}"#),
        ("word_prompt_response", #"{"index":9223372036854775808}"#),
        ("word_prompt_response", #"{"index":1,"more":2}"#),
    ])
    func `data that is not its kind's is refused`(evtype: String, data: String) {
        #expect(throws: PromptEventError.self) {
            try PromptAct(evtype: evtype, data: Array(data.utf8))
        }
    }

    @Test func `stored events of another shape are errors and never a trap`() throws {
        let machine = PromptSessionMachine()
        let good = try machine.newEvent(
            .happened(try PromptSessionTableTests.event(1, .like, 1))
        )
        var generator = SeededGenerator(seed: 405)
        for _ in 0..<2_000 {
            var stored = StoredFrame(good)
            stored.type = "prompt." + generator.pick(PromptActKind.allCases).rawValue
            stored.payload = good.payload.map { byte in
                generator.below(8) == 0 ? UInt8(truncatingIfNeeded: generator.below(256)) : byte
            }
            do {
                guard case .happened(let event)? = try stored.read(machine) else { continue }
                #expect(event.promptTime.seconds.isFinite)
            } catch let error as EventCodecError {
                guard case .malformed = error else { throw error }
            }
        }
        var newer = StoredFrame(good)
        newer.typeVersion = 2
        #expect(throws: EventCodecError.newerVersion(type: "prompt.like", version: 2)) {
            try newer.read(machine)
        }
        var other = StoredFrame(good)
        other.type = "prompt.dance"
        #expect(throws: EventCodecError.unknownType("prompt.dance")) { try other.read(machine) }
        other.mayBeIgnored = true
        #expect(try other.read(machine) == nil)
    }

    @Test func `uids are checked, and new ones are distinct and well formed`() throws {
        for name in [
            "", "ipe_", "ipe", "utbl_a", "ipe_a b", "ipe_\u{E9}", "IPE_a", "_ipe_a", "Oseh_ipe_a",
            "a1_ipe_a", "a_b_ipe_a", "oseh_ipe_", "osehipe_a",
            String(repeating: "a", count: 101) + "_ipe_a",
        ] {
            #expect(throws: PromptEventError.uid(name)) { try PromptEventUID(name) }
        }
        #expect(throws: PromptEventError.self) {
            try PromptEventUID("ipe_" + String(repeating: "a", count: 101))
        }
        let words = ["oseh", "a", "ipe", "zz", String(repeating: "z", count: 100)]
        for name in ["ipe_zz"] + words.map({ "\($0)_ipe_zz" }) {
            let uid = try PromptEventUID(name)
            #expect(uid.name == name && uid < .last)
        }
        #expect(try PromptEventUID(PromptEventUID.last.name) == .last)
        var generator = SeededGenerator(seed: 406)
        var seen: Set<PromptEventUID> = []
        for _ in 0..<1_000 {
            let uid = PromptEventUID(high: generator.next(), low: generator.next())
            #expect(uid.name.utf8.count == 26)
            #expect(try PromptEventUID(uid.name) == uid)
            seen.insert(uid)
        }
        #expect(seen.count == 1_000)
    }

    @Test func `events are ordered by prompt time and then by the bytes of the uid`() throws {
        let keys = [("b", -1.0), ("B", 0), ("a", 0), ("aa", 0), ("_", 2)]
        let right = try keys.map {
            PromptEventKey(promptTime: try PromptTime($0.1), uid: try PromptEventUID("ipe_" + $0.0))
        }
        #expect(right.reversed().sorted() == right)
    }
}
