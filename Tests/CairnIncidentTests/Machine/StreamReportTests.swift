import CairnCore
import CairnDomains
import CairnJournal
import CairnTesting
import Testing

@testable import CairnIncident

/// Reports and paths of random streams say what folding them says.
struct StreamReportTests {
    /// A stream as it is folded by hand.
    private struct Naive {
        var names: [String] = []
        var members: [[String: String]] = []
        /// How each event left the path: 1 by a step that it does not have, 2 by a name.
        var departures: [Int64] = []
        var state = Kiosk().initial
        var last: String?

        mutating func take(_ step: MachineStep<Kiosk.Event>, _ view: MachineView<Kiosk>) {
            view.take(step, into: &state)
            guard let event = step.event else { return }
            let name = view.machine.name(of: event)
            names.append(name)
            members.append(Self.members(of: view.machine.document(of: state)))
            let allowed: [String: [String]] = [
                "": ["opened"], "opened": ["tried", "closed"], "tried": ["paid", "tried"],
                "paid": ["closed"],
            ]
            let isKnown = name != "failed"
            let isAllowed = allowed[last ?? ""]?.contains(name) == true
            departures.append(isKnown ? (isAllowed ? 0 : 1) : 2)
            if isKnown { last = name }
        }

        private static func members(of document: JSONValue) -> [String: String] {
            var members: [String: String] = [:]
            func collect(_ value: JSONValue, _ path: [String]) {
                switch value {
                case .object(let inner) where !inner.isEmpty:
                    for member in inner { collect(member.value, path + [member.key]) }
                case .array(let inner) where !inner.isEmpty:
                    for (index, value) in inner.enumerated() { collect(value, path + ["\(index)"]) }
                default:
                    var writer = JSONWriter()
                    writer.value(value)
                    members[JSONPath(parts: path).description] = writer.text
                }
            }
            collect(document, [])
            return members
        }
    }

    private func naive(
        _ story: KioskStory,
        _ view: MachineView<Kiosk>
    ) async throws -> [String: Naive] {
        var found: [String: Naive] = [:]
        for stream in story.streams {
            var naive = Naive()
            try await view.forEachStep(of: stream) { step in
                naive.take(step, view)
                return .proceed
            }
            if !naive.names.isEmpty { found[stream.key] = naive }
        }
        return found
    }

    @Test(arguments: 1..<UInt64(41))
    func `the page has each state that folding gives`(seed: UInt64) async throws {
        let story = try await KioskStory(seed: seed)
        let last = try await story.journal.head().lastPosition.rawValue
        for bound in [last, (last + 1) / 2] {
            let view = MachineView(story.journal, Kiosk(), asOf: Position(rawValue: bound))
            let naive = try await naive(story, view)
            let report = try await view.report(now: .distantFuture)
            let reader = try ReportReader(report.json)
            #expect(Set(reader.ids) == Set(naive.keys), "seed \(seed)")
            #expect(report.eventCount == naive.values.reduce(0) { $0 + $1.names.count })
            let members = try reader.members()
            let states = try reader.states()
            let stuck = reader.column("requests", "reason").map { $0 != nil }
            let odd = reader.column("events", "anomalies").map { $0 ?? 0 }
            var event = 0
            for (index, key) in reader.ids.enumerated() {
                let expected = try #require(naive[key])
                #expect(members[index] == expected.members, "seed \(seed), \(key)")
                // What was tried last is awaited; what was closed has ended.
                #expect(stuck[index] == (expected.names.last == "tried"), "seed \(seed), \(key)")
                let end = event + expected.names.count
                #expect(Array(odd[event..<end]) == expected.departures, "seed \(seed), \(key)")
                event = end
                let fields = states[index].map { state in
                    [state.request["event_type"], state.request["terminal"]]
                }
                var ends: [String] = []
                var hasEnded = "0"
                for name in expected.names {
                    if name != "failed" { hasEnded = name == "closed" ? "1" : "0" }
                    ends.append(hasEnded)
                }
                #expect(fields == zip(expected.names, ends).map { [$0, $1] }, "seed \(seed)")
                let request = try #require(states[index].last?.request)
                let steps = expected.departures.count { $0 == 1 }
                let unknown = expected.departures.count { $0 == 2 }
                #expect(request["anomalies.undeclared_step"] == "\(steps)", "seed \(seed)")
                #expect(request["anomalies.unknown_event_type"] == "\(unknown)", "seed \(seed)")
                #expect(request["anomaly_count"] == "\(steps + unknown)", "seed \(seed)")
            }
        }
    }

    @Test(arguments: 1..<UInt64(41))
    func `departures, variants and maps are those of a walk by hand`(seed: UInt64) async throws {
        let story = try await KioskStory(seed: seed)
        let view = MachineView(story.journal, Kiosk())
        let naive = try await naive(story, view)
        let departures = try #require(await view.departures(limit: 99, now: .unixEpoch))
        #expect(departures.requestCount == naive.count)
        let departed = naive.filter { $0.value.departures.contains { $0 > 0 } }.map(\.key)
        #expect(Set(departures.requests.map(\.requestID)) == Set(departed), "seed \(seed)")
        let counts = departures.totals.reduce(into: [:]) { $0[$1.kind.name] = $1.eventCount }
        let unknown = naive.values.reduce(0) { $0 + $1.names.count { $0 == "failed" } }
        let all = naive.values.reduce(0) { $0 + $1.departures.count { $0 > 0 } }
        #expect(counts["unknown_event_type", default: 0] == unknown, "seed \(seed)")
        #expect(counts["undeclared_step", default: 0] == all - unknown, "seed \(seed)")
        let variants = try await view.variants(limit: 99, now: .unixEpoch)
        var ways: [[String]: Int] = [:]
        for stream in naive.values { ways[stream.names, default: 0] += 1 }
        let found = variants.variants.map { ($0.steps, $0.requestCount) }
        #expect(Dictionary(found, uniquingKeysWith: +) == ways, "seed \(seed)")
        let map = try await view.processMap(now: .unixEpoch)
        #expect(map.eventCount == naive.values.reduce(0) { $0 + $1.names.count })
        let undeclared = map.edges.filter { !$0.isDeclared && $0.to != nil }
        #expect(undeclared.reduce(0) { $0 + $1.count } == all, "seed \(seed)")
        let open = map.edges.filter { !$0.isDeclared && $0.to == nil }.reduce(0) { $0 + $1.count }
        #expect(open == naive.values.count { $0.last != "closed" }, "seed \(seed)")
    }

    @Test func `a stream may have no more events than a report holds`() async throws {
        let story = try await KioskStory(seed: 1)
        let view = MachineView(story.journal, Kiosk())
        var query = StreamReportQuery<DocumentRecord>()
        let whole = try await view.report(query, now: .unixEpoch)
        for keys in [[], story.streams.map(\.key)] {
            query.keys = keys
            query.eventCountMax = whole.eventCount
            #expect(try await view.report(query, now: .unixEpoch).eventCount == whole.eventCount)
            query.eventCountMax -= 1
            await #expect(throws: IncidentError.tooManyEvents(max: query.eventCountMax)) {
                try await view.report(query, now: .unixEpoch)
            }
        }
        query.keys = []
        query.eventCountMax = 3
        await #expect(throws: IncidentError.tooManyEvents(max: 3)) {
            try await view.report(query, now: .unixEpoch)
        }
        query.keys = story.streams.map(\.key)
        await #expect(throws: IncidentError.tooManyEvents(max: 3)) {
            try await view.report(query, now: .unixEpoch)
        }
    }

    /// A level, and how many events were passed over.
    private struct Gauge: InspectableMachine {
        struct State: Hashable, Sendable { var level = 0, passedCount = 0 }

        var streamKind: StreamKind { StreamKind("gauge") }
        var initial: State { State() }

        func event(_ header: EventHeader, frame: RawSpan) throws(EventCodecError) -> Int? { nil }
        func passOver(_ state: inout State) { state.passedCount += 1 }
        func evolve(_ state: inout State, by event: Int) { state.level = event }
    }

    @Test func `what passing over changed is told with the next event`() throws {
        let view = MachineView(MemoryJournal(), Gauge())
        let steps = [1, nil, 1, 1].enumerated().map { index, event in
            MachineStep(
                position: Position(rawValue: UInt64(index + 1)),
                sequence: SequenceNumber(rawValue: UInt64(index + 1)),
                recordedAt: .unixEpoch,
                occurredAt: .unixEpoch,
                type: "gauge",
                event: event
            )
        }
        let stream = ReportedStream(try view.stream("a"), steps, of: view)
        let changes = stream.steps.map { step in step.changes.map(\.path.description) }
        #expect(changes == [["level", "passedCount"], ["passedCount"], []])
        #expect(stream.rows.map(\.sequenceNumber) == [1, 3, 4])
    }

    @Test func `a path knows its names, its beginnings and its ends`() {
        let path = EventPath(from: ["a"], ["a": ["b", "c"], "b": ["a"]], to: ["c"])
        #expect(path.names == ["a", "b", "c"])
        #expect(path.allows("a", after: nil) && !path.allows("b", after: nil))
        #expect(path.allows("c", after: "a") && !path.allows("c", after: "b"))
        #expect(!path.allows("a", after: "c") && !path.allows("a", after: "d"))
        var walk = PathWalk(path)
        #expect(!walk.isUnderWay && walk.take("b") == .undeclaredStep && walk.isUnderWay)
        #expect(walk.take("a") == nil && walk.take("x") == .anomaly(.unknownEventType))
        #expect(walk.take("c") == nil && walk.hasEnded && !walk.isUnderWay)
        #expect(walk.take("x") != nil && walk.hasEnded)
        var free = PathWalk(nil)
        #expect(free.take("x") == nil && !free.hasEnded && !free.isUnderWay)
    }
}
