import CairnCore
import CairnIncident
import CairnJournal
import CairnServices
import CairnTesting
import Foundation
import Synchronization
import Testing

/// What stands for what in bundles of a machine that reads any JSON as one of its events.
struct MachineBundleTests {
    private static let key = Array("a key of thirty-two bytes or more".utf8)

    private static func bundle(
        _ values: [Shelf.Event],
        of key: String = "Zq7",
        _ edit: (inout BundleOptions) -> Void = { _ in }
    ) async throws -> MemoryJournal {
        let (journal, shelf) = (MemoryJournal(), Shelf())
        let stream = try shelf.stream(of: key)
        for value in values { try await journal.append(try shelf.newEvent(value), to: stream) }
        var options = BundleOptions(key: Self.key)
        edit(&options)
        let view = MachineView(journal, shelf)
        let bundle = try await MachineBundle(of: [stream], in: view, options)
        let copy = MemoryJournal()
        let withheldCount = try await BundleWriter.write(
            bundle,
            BundleManifest(bundle, options, madeAt: .unixEpoch),
            definition: nil,
            to: copy
        )
        #expect(withheldCount == 0)
        return copy
    }

    /// What the events say in the bundle.
    private static func told(
        _ texts: [String],
        _ edit: (inout BundleOptions) -> Void = { _ in }
    ) async throws -> [String] {
        let values = try texts.map { Shelf.Event.any(try JSONValue.parse(Array($0.utf8))) }
        return try await payloads(in: try await bundle(values, edit))
    }

    private static func payloads(in journal: MemoryJournal) async throws -> [String] {
        var texts: [String] = []
        try await journal.forEachEvent { header, frame in
            let payload = frame.extracting(header.payloadRange).array()
            if header.position > .first { texts.append(String(decoding: payload, as: UTF8.self)) }
            return .proceed
        }
        return texts
    }

    @Test func `texts of a form have stand-ins of that form`() async throws {
        let told = try await Self.told([
            #""550E8400-E29B-41D4-A716-446655440000""#, #""550e8400-e29b-41d4-a716-44665544000f""#,
            #""shelves/Zq7""#, #""people/Zq7""#, #""others/Zq7""#, #""Zq7""#, #""shelves/""#,
            #""""#,
        ])
        #expect(
            told[0].contains(/^"[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-8[0-9A-F]{3}-[0-9A-F]{12}"$/)
        )
        #expect(
            told[1].contains(/^"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}"$/)
        )
        #expect(told[2].contains(/^"shelves\/key-[0-9a-f]{8}"$/))
        #expect(told[3].contains(/^"people\/key-[0-9a-f]{8}"$/))
        #expect(told[4].contains(/^"text-[0-9a-f]{8}"$/))
        // The key of the stream, wherever it stands.
        #expect("\"shelves/" + told[5].dropFirst() == told[2])
        #expect("\"people/" + told[5].dropFirst() == told[3])
        #expect(told[6].contains(/^"text-[0-9a-f]{8}"$/))
        #expect(told[7] == #""""#)
    }

    @Test func `keys that mean one time are not made one`() async throws {
        let (journal, shelf) = (MemoryJournal(), Shelf())
        let keys = ["2026-01-02T03:04:05Z", "2026-01-02T04:04:05+01:00"]
        let streams = try keys.map { try shelf.stream(of: $0) }
        for stream in streams {
            try await journal.append(try shelf.newEvent(.any(.null)), to: stream)
        }
        await #expect(throws: BundleError.sameName(streams[1])) {
            try await MachineBundle(
                of: streams,
                in: MachineView(journal, shelf),
                BundleOptions(key: Self.key)
            )
        }
    }

    @Test func `ids that mean one time are not made one`() async throws {
        let (journal, shelf) = (MemoryJournal(), Shelf())
        let stream = try shelf.stream(of: "Zq7")
        for id in ["2026-01-02T03:04:05Z", "Zq7id", "2026-01-02T04:04:05+01:00"] {
            let event = try NewEvent(
                type: "shelf",
                id: try EventID(id),
                occurredAt: .unixEpoch,
                codec: .json,
                payload: Array("null".utf8)
            )
            try await journal.append(event, to: stream)
        }
        let view = MachineView(journal, shelf)
        func write(_ options: BundleOptions) async throws -> MemoryJournal {
            let copy = MemoryJournal()
            let bundle = try await MachineBundle(of: [stream], in: view, options)
            let manifest = BundleManifest(bundle, options, madeAt: .unixEpoch)
            _ = try await BundleWriter.write(bundle, manifest, definition: nil, to: copy)
            return copy
        }
        var options = BundleOptions(key: Self.key)
        await #expect(throws: BundleError.sameID(position: Position(rawValue: 3))) {
            try await write(options)
        }
        options.keepsPayloads = true
        let kept = try await write(options)
        let last = try #require(try await kept.record(at: Position(rawValue: 4)))
        #expect(last.id?.name == "2026-01-02T04:04:05+01:00")
    }

    @Test func `one who does not want it any more stops its check, too`() async throws {
        let (journal, shelf) = (MemoryJournal(), Shelf())
        var streams: [StreamID] = []
        for key in ["a", "b", "c"] {
            let stream = try shelf.stream(of: key)
            try await journal.append(try shelf.newEvent(.any(.null)), to: stream)
            streams.append(stream)
        }
        let options = BundleOptions(key: Self.key)
        let view = MachineView(journal, shelf)
        let bundle = try await MachineBundle(of: streams, in: view, options)
        let manifest = BundleManifest(bundle, options, madeAt: .unixEpoch)
        /// How often it is asked, and whether there is a bundle where the last answer is to stop.
        func write(stoppingAt last: Int) async throws -> Int {
            let asked = Mutex(0)
            _ = try await BundleWriter.write(
                bundle,
                manifest,
                definition: nil,
                to: MemoryJournal(),
                shouldStop: {
                    asked.withLock { count in
                        count += 1
                        return count == last
                    }
                }
            )
            return asked.withLock { $0 }
        }
        // Before and after the events, before each stream that is checked, and at the end.
        #expect(try await write(stoppingAt: .max) == 6)
        for last in 1...6 {
            await #expect(throws: BundleError.stopped, "\(last)") {
                try await write(stoppingAt: last)
            }
        }
    }

    @Test func `a text of many streams' names is one`() async throws {
        let deep = String(repeating: "shelves/", count: 50)
        let told = try await Self.told([
            "\"\(deep)Zq7\"", #""Zq7""#, #""people/Zq7/x""#,
            "\"\(String(repeating: deep, count: 900))\"",
        ])
        #expect(told[0].dropFirst(deep.utf8.count + 1) == told[1].dropFirst())
        #expect(told[2].contains(/^"people\/key-[0-9a-f]{8}"$/))
        // No stream has so long a name.
        #expect(told[3].contains(/^"text-[0-9a-f]{8}"$/))
    }

    @Test func `times are moved by one span, and the ends of all times are nobody's`() async throws
    {
        let texts = [
            #""2026-01-02T03:04:05.678901234Z""#, #""2026-01-02T04:04:05.678901234+01:00""#,
            #""\#(Timestamp.distantFuture.rfc3339)""#, #""2026-01-02""#,
        ]
        let told = try await Self.told(texts)
        #expect(told[0] == told[1] && told[0] != texts[0])
        #expect(told[2] == texts[2])
        #expect(told[3].contains(/^"text-/))
        let moved = try Timestamp(rfc3339: told[0].dropFirst().dropLast())
        let time = try Timestamp(rfc3339: texts[0].dropFirst().dropLast())
        let copy = try await Self.bundle([.any(.null)])
        let recorded = try #require(try await copy.record(at: Position(rawValue: 2)))
        #expect(recorded.occurredAt.since(.unixEpoch) == moved.since(time))
        let kept = try await Self.told(texts) { $0.keepsTimes = true }
        #expect(kept[0] == texts[0] && kept[1] == texts[0])
        await #expect(throws: BundleError.timeOutOfRange(position: .first)) {
            try await Self.told([#""1677-10-01T00:00:00Z""#])
        }
    }

    @Test func `numbers of few digits stay, and others become others`() async throws {
        let texts = ["1234", "-12.50", "12345", "19570312", "-19570312", "12345.0", "1e9"]
        let told = try await Self.told(texts)
        #expect(told[0] == "1234" && told[1] == "-12.5")
        for (text, other) in zip(texts, told).dropFirst(2) {
            #expect(other.contains(/^[0-9]{9,16}$/) && other != text)
        }
        #expect(told[2] == told[5] && told[3] != told[4])
        #expect(try await Self.told(texts) { $0.keepsNumbers = true } == texts)
    }

    @Test func `keys are texts, and what is told in the order of texts may change places`()
        async throws
    {
        let values = [
            #"{"Zq7":{"2000000":1},"word":["b","a"]}"#, #"{"set":["a","b","c","d","e","f","g"]}"#,
            #"{"by":7,"count":1}"#, #"{"by":70000,"count":2}"#, #"{"by":80000,"count":3}"#,
        ]
        let told = try await Self.told(values)
        #expect(told[0].contains(/^{"key-[0-9a-f]{8}":{"key-[0-9a-f]{8}":1},"word":\["text-/))
        #expect(told[2] == #"{"by":7,"count":1}"#)
        #expect(!told.joined().contains("Zq7"))
    }

    @Test func `only what stands in the source is a word`() async throws {
        let copy = try await Self.bundle([
            .badge(.known), .badge(.other("Zq7raw")), .odd(Shelf.Odd(label: "Zq7label")),
        ])
        let told = try await Self.payloads(in: copy)
        #expect(told[0] == #"{"badge":"KNOWN"}"#)
        #expect(told[1].contains(/^{"badge":"text-[0-9a-f]{8}"}$/))
        #expect(told[2].contains(/^{"odd":{"key-[0-9a-f]{8}":1}}$/))
    }

    @Test func `another order of a list that is none by its texts is another state`() async throws {
        let texts = (0..<12).map { #"{"list":"\#($0)"}"# }
        let error = await #expect(throws: BundleError.self) { try await Self.told(texts) }
        guard case .otherState(let position, let member)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(position > .first && member.parts.first == "newestFirst")
    }
}

/// A machine that takes whatever it is told.
private struct Shelf: StoredMachine, InspectableMachine {
    enum Badge: Hashable, Sendable, RawRepresentable {
        case known, other(String)

        var rawValue: String {
            switch self {
            case .known: "KNOWN"
            case .other(let text): text
            }
        }

        init(rawValue: String) { self = rawValue == "KNOWN" ? .known : .other(rawValue) }
    }

    /// Something that tells a text as if it were the name of a property.
    struct Odd: Hashable, Sendable, CustomReflectable {
        let label: String

        var customMirror: Mirror { Mirror(self, children: [label: 1], displayStyle: .struct) }
    }

    enum Event: Hashable, Sendable {
        case any(JSONValue)
        case badge(Badge)
        case odd(Odd)
    }

    struct State: Hashable, Sendable {
        var values: [JSONValue] = []
        var texts: Set<String> = []
        var counts: [Int: Int] = [:]
        var total = 0
        var newestFirst: [String] = []
    }

    enum Rejection: Error { case never }

    let initial = State()
    var streamKind: StreamKind { StreamKind("shelves") }

    func isWord(_ text: String) -> Bool {
        ["word", "set", "list", "by", "count", "people"].contains(text)
    }

    func decide(
        _ event: Event,
        in state: State,
        context: TurnContext
    ) throws(Rejection) -> [Event] { [event] }

    func evolve(_ state: inout State, by event: Event) {
        let value = editableDocument(of: event)
        state.values.append(value)
        if case .array(let elements)? = value["set"] {
            for case .string(let text) in elements { state.texts.insert(text) }
        }
        if case .number(let by)? = value["by"], case .number(let count)? = value["count"],
            let by = Int(by), let count = Int(count)
        {
            state.counts[by, default: 0] += count
            // Counted here, and nothing that was told.
            state.total += 12_345
        }
        if case .string(let text)? = value["list"] {
            // In an order that neither the events nor the texts have.
            let place = state.newestFirst.firstIndex { text < $0 } ?? state.newestFirst.count
            state.newestFirst.insert(text, at: place)
            if state.newestFirst.count > 2 { state.newestFirst.swapAt(0, 1) }
        }
    }

    func editableDocument(of event: Event) -> JSONValue {
        if case .any(let value) = event { value } else { JSONValue(reflecting: event) }
    }

    func event(
        from document: JSONValue,
        at instant: Timestamp
    ) throws(EventDocumentError) -> Event { .any(document) }

    func newEvent(_ event: Event) throws(LimitError) -> NewEvent {
        let type =
            switch event {
            case .any: "shelf"
            case .badge: "badge"
            case .odd: "odd"
            }
        return try NewEvent(
            type: type,
            occurredAt: .unixEpoch,
            codec: .json,
            payload: Array(editableDocument(of: event).description.utf8)
        )
    }

    func event(_ header: EventHeader, frame: RawSpan) throws(EventCodecError) -> Event? {
        let type = header.type(in: frame)
        guard let document = try? JSONValue.parse(frame.extracting(header.payloadRange)) else {
            throw .malformed(type: type, reason: "it is no JSON")
        }
        if type == "badge", case .string(let text)? = document["badge"] {
            return .badge(Badge(rawValue: text))
        }
        if type == "odd", case .object(let members)? = document["odd"], let label = members.first {
            return .odd(Odd(label: label.key))
        }
        return .any(document)
    }
}
