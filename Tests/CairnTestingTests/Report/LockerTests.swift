import Cairn
import CairnTesting
import Testing

/// Streams of a machine of one's own that become sources of tests.
struct LockerTests {
    /// One source, in which its test should pass.
    struct Source {
        let name: String
        let text: String
    }

    private static let secrets = ["Zq7Ada", "Zq7 stuck", "Zq7Label", "caf\u{E9} Zq7", "l-Zq7"]

    private static let events: [Lockers.Locker.Event] = [
        .opened(by: secrets[0], until: Timestamp(nanoseconds: 1_700_000_000_000_000_000)),
        .labelled([secrets[2]: secrets[3], "#1": "a \\#(b)"]),
        .closed,
        .opened(by: secrets[3], until: Timestamp(nanoseconds: 1_700_000_100_000_000_000)),
        .jammed(code: 987_654_321, note: secrets[1]),
        .labelled(Dictionary(uniqueKeysWithValues: (1...9).map { ("Zq7-\($0)", "Zq7 \($0)") })),
        .opened(by: secrets[0], until: Timestamp(nanoseconds: 1_700_000_200_000_000_000)),
        .jammed(code: 3, note: ""),
    ]

    static func story(
        _ text: String,
        after events: [Lockers.Locker.Event] = events
    ) async throws -> MachineCase<Lockers.Locker> {
        let (journal, machine) = (MemoryJournal(), Lockers.Locker())
        let stream = try machine.stream(of: secrets[4])
        for (index, event) in events.enumerated() {
            let event = try NewEvent(
                type: "locker",
                occurredAt: Timestamp(nanoseconds: 1_699_999_999_000_000_000)
                    .adding(.milliseconds(Int64(index) * 1_500)),
                codec: .json,
                payload: Array(machine.editableDocument(of: event).description.utf8)
            )
            try await journal.append(event, to: stream)
        }
        return try MachineCase(
            try await MachineView(journal, machine).history(of: stream),
            of: machine,
            now: .unixEpoch,
            keeping: try Predicate(text)
        )
    }

    static func test(_ text: String, isWhole: Bool = false) async throws -> MachineTest {
        let story = try await story(text)
        let least = Reduction(of: story.steps, while: { story.shows($0) })
        let steps = isWhole ? story.steps : least.elements
        return try story.test(of: steps, isMinimal: !isWhole && least.isMinimal)
    }

    /// Tests of few events and of all, which expect members of each kind.
    static func all() async throws -> [Source] {
        [
            Source(name: "LockerJammed", text: try await test("isJammed").source),
            Source(name: "LockerCount", text: try await test("openingCount > 1").source),
            Source(
                name: "LockerHolder",
                text: try await test("holder == 'Zq7Ada' and openingCount > 2").source
            ),
            Source(
                name: "LockerWhole",
                text: try await test("exists codes and exists labels", isWhole: true).source
            ),
            Source(
                name: "LockerLabels",
                text: try await test("exists labels and until > 2020-01-01T00:00:00Z").source
            ),
            // Of what no state has, there is the whole of it.
            Source(name: "LockerAll", text: try await test("not exists Zq7nothing").source),
            Source(name: "LockerCounter", text: try await counterTest().source),
        ]
    }

    /// A test of a machine whose type has arguments.
    private static func counterTest() async throws -> MachineTest {
        let (journal, machine) = (MemoryJournal(), Lockers.Counter<Lockers.Locker>())
        let stream = try machine.stream(of: secrets[4])
        for _ in 1...2 {
            let event = try NewEvent(type: "counted", occurredAt: .unixEpoch, payload: [])
            try await journal.append(event, to: stream)
        }
        let story = try MachineCase(
            try await MachineView(journal, machine).history(of: stream),
            of: machine,
            now: .unixEpoch,
            keeping: try Predicate("count > 1")
        )
        return try story.test(of: story.steps, isMinimal: true)
    }

    @Test func `a type's arguments stay with it`() async throws {
        let test = try await Self.counterTest()
        #expect(test.suiteName.hasPrefix("CounterCase"))
        #expect(
            test.source.contains(
                "let machine = Lockers.Counter<CairnTestingTests.Lockers.Locker>()\n"
            )
        )
    }

    @Test func `a test has no text of the original, and few events`() async throws {
        for source in try await Self.all() {
            for secret in Self.secrets { #expect(!source.text.contains(secret), "\(source.name)") }
            #expect(!source.text.contains("Zq7") && !source.text.contains("2023-"))
        }
        let test = try await Self.test("isJammed")
        #expect(test.events.count == 1 && test.facts == ["document[\"isJammed\"] == .bool(true)"])
        #expect(test.source.contains("let machine = Lockers.Locker()\n"))
        #expect(test.source.contains("/// 1 of 8 events of a key, enough to show: isJammed.\n"))
        // Numbers stay.
        #expect(try await Self.test("isJammed", isWhole: true).source.contains("987654321"))
        #expect(try await Self.test("isJammed").source == test.source)
        #expect(try await Self.test("openingCount > 1").events.count == 2)
    }

    @Test func `no event that is left can be left out`() async throws {
        let story = try await Self.story("openingCount > 1 and codes contains 3 and isJammed")
        let least = Reduction(of: story.steps, while: { story.shows($0) })
        #expect(least.isMinimal && least.elements.count == 3)
        for index in least.elements.indices {
            var rest = least.elements
            rest.remove(at: index)
            #expect(!story.shows(rest))
        }
    }

    @Test func `a stand-in is no text that there is`() async throws {
        let story = try await Self.story(
            "openingCount > 0",
            after: [
                .opened(by: "text-1", until: .unixEpoch), .labelled(["text-3": "key-1"]),
            ]
        )
        let source = try story.test(of: story.steps, isMinimal: false).source
        for text in ["text-1", "text-3", "key-1"] {
            #expect(!source.contains("\"\(text)\""), "\(text)")
        }
        #expect(source.contains(#""by":"text-2""#))
    }

    @Test func `what does not hold is no case`() async throws {
        let stream = try Lockers.Locker().stream(of: Self.secrets[4])
        await #expect(throws: MachineCaseError.notSo(stream)) {
            try await Self.story("openingCount > 3")
        }
    }
}
