import CairnCore
import CairnJournal
import CairnTesting
import Testing

@testable import CairnIncident

/// What stands for what in tests that are made of a machine's streams.
struct MachineTestTests {
    /// Keeps all texts that it is told.
    private struct Notes: InspectableMachine {
        struct State: Hashable, Sendable { var texts: [String] = [] }

        /// Whether the members of a state are called by what it was told.
        var isToldByTexts = false

        var streamKind: StreamKind { StreamKind("notes") }
        var initial: State { State() }

        func event(_ header: EventHeader, frame: RawSpan) throws(EventCodecError) -> String? {
            String(decoding: frame.extracting(header.payloadRange).array(), as: UTF8.self)
        }

        func evolve(_ state: inout State, by event: String) { state.texts.append(event) }
        func passOver(_ state: inout State) {}
        func editableDocument(of event: String) -> JSONValue { .string(event) }

        func document(of state: State) -> JSONValue {
            isToldByTexts
                ? .object(state.texts.map { JSONMember($0, .null) })
                : .object([JSONMember("texts", .array(state.texts.map { .string($0) }))])
        }

        func isWord(_ text: String) -> Bool { text == "texts" }

        func event(
            from document: JSONValue,
            at instant: Timestamp
        ) throws(EventDocumentError) -> String {
            guard case .string(let text) = document else { throw .notAnObject }
            return text
        }
    }

    private static func test(
        _ texts: [String],
        of key: String,
        keeping predicate: String = "exists texts",
        by machine: Notes = Notes()
    ) async throws -> MachineTest {
        let journal = MemoryJournal()
        let stream = try machine.stream(of: key)
        for text in texts {
            try await journal.append(
                try NewEvent(type: "noted", occurredAt: .unixEpoch, payload: Array(text.utf8)),
                to: stream
            )
        }
        let story = try MachineCase(
            try await MachineView(journal, machine).history(of: stream),
            of: machine,
            now: .unixEpoch,
            keeping: try Predicate(predicate)
        )
        return try story.test(of: story.steps, isMinimal: false)
    }

    private static func told(_ test: MachineTest) -> [String] {
        test.events.map { event in
            if case .string(let text) = event.document { text } else { "" }
        }
    }

    private static let uuids = [
        "550e8400-e29b-41d4-a716-446655440000", "0f8fad5b-d9cb-469f-a165-70867728950e",
        "7C9E6679-7425-40DE-944B-E07FC1F90AE7",
    ]

    @Test func `a key that is a UUID and another UUID stay two`() async throws {
        let (key, other, capital) = (Self.uuids[0], Self.uuids[1], Self.uuids[2])
        let told = Self.told(try await Self.test([other, key, capital, other], of: key))
        #expect(Set(told).count == 3 && told[0] == told[3])
        for uuid in told {
            #expect(uuid.count == 36 && !Self.uuids.contains(uuid), "\(uuid)")
        }
    }

    @Test(arguments: 1..<UInt64(61))
    func `two texts have two stand-ins, and no stand-in is a text`(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        func digits(_ count: Int) -> String {
            String((0..<count).map { _ in "0123456789abcdef".randomElement(using: &random) ?? "0" })
        }
        var texts: [String] = []
        for number in 1...Int.random(in: 2...20, using: &random) {
            let uuid = "\(digits(8))-\(digits(4))-4\(digits(3))-8\(digits(3))-\(digits(12))"
            let low = String(repeating: "0", count: 11) + String(number, radix: 16)
            let kinds = [
                uuid, uuid.uppercased(), "00000000-0000-4000-8000-\(low.suffix(12))",
                "notes/\(uuid)", "notes/\(digits(2))", "key-\(number)", "text-\(number)",
                "uuid-\(number)", digits(2) + "x", "",
            ]
            texts.append(kinds.randomElement(using: &random) ?? "")
        }
        let key = texts.first { !$0.isEmpty && !$0.contains("/") } ?? Self.uuids[0]
        let told = Self.told(try await Self.test(texts, of: key))
        try #require(told.count == texts.count)
        for (text, other) in zip(texts, told) {
            #expect(text.isEmpty == other.isEmpty)
            #expect(text.isEmpty || !texts.contains(other), "seed \(seed): \(text), \(other)")
        }
        #expect(Set(zip(texts, told).map { "\($0) \($1)" }).count == Set(texts).count)
        #expect(Set(told).count == Set(texts).count, "seed \(seed): \(texts), \(told)")
    }

    @Test func `what a predicate names is in no test, unless the state has it`() async throws {
        let test = try await Self.test(["Zq7"], of: "k", keeping: "not exists Zq7Ada")
        #expect(!test.source.contains("Zq7"))
        #expect(
            test.source.contains("/// 1 of 1 event of a key, enough to show: its whole state.\n")
        )
        // A member that is called by a text would have another name.
        let member = JSONPath(parts: ["Zq7"])
        await #expect(throws: MachineCaseError.otherState(member: member)) {
            try await Self.test(
                ["Zq7"],
                of: "k",
                keeping: "exists Zq7 or not exists Zq7",
                by: Notes(isToldByTexts: true)
            )
        }
    }
}
