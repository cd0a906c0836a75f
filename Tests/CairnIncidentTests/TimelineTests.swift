import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import Testing

struct TimelineTests {
    private static let history: History = {
        var history = History()
        history.add("PAGW-1", "REQUEST_RECEIVED", .completed, minutes: 0, stage: "ORCHESTRATION") {
            $0.sequenceNumber = 1
        }
        history.add("PAGW-1", "PARSE_OK", .completed, minutes: 2) { $0.sequenceNumber = 3 }
        history.add("PAGW-2", "REQUEST_RECEIVED", .completed, minutes: 2, stage: "ORCHESTRATION")
        history.add("PAGW-1", "PARSE_START", .started, minutes: 1) { $0.sequenceNumber = 2 }
        history.add("PAGW-1", "VAL_START", .started, minutes: 3, stage: "VALIDATION") {
            $0.sequenceNumber = 4
        }
        return history
    }()

    @Test func `a timeline goes by number and marks what is odd`() async throws {
        let view = PipelineView(try await Self.history.journal())
        let timeline = try await view.timeline(of: "PAGW-1")
        #expect(timeline.entries.map(\.row.sequenceNumber) == [1, 2, 3, 4])
        #expect(timeline.entries.map(\.row.position.rawValue) == [1, 4, 2, 5])
        #expect(
            timeline.entries.map { $0.anomalies.map(\.name) } == [
                [], ["late_row"], ["missing_start"], [],
            ]
        )
        #expect(timeline.state.current?.eventType == "VAL_START")
        #expect(try await view.state(of: "PAGW-1") == timeline.state)
    }

    @Test func `a past view knows only what was recorded by then`() async throws {
        let journal = try await Self.history.journal()
        let view = PipelineView(journal, asOf: Position(rawValue: 3))
        #expect(try await view.timeline(of: "PAGW-1").entries.count == 2)
        #expect(try await view.state(of: "PAGW-1").current?.eventType == "PARSE_OK")
        let first = PipelineView(journal, asOf: .first)
        await #expect(throws: IncidentError.unknownRequest("PAGW-2")) {
            try await first.timeline(of: "PAGW-2")
        }
        await #expect(throws: IncidentError.unknownRequest("PAGW-2")) {
            try await first.state(of: "PAGW-2")
        }
        #expect(try await PipelineView(journal, asOf: .zero).stuck(now: .distantFuture).isEmpty)
        #expect(
            try await PipelineView(journal, asOf: Position(rawValue: 99)).find(FindQuery()).count
                == 5
        )
    }

    @Test(arguments: ["", "PAGW-3", String(repeating: "x", count: 600)])
    func `a request that does not exist is named`(id: String) async throws {
        let view = PipelineView(try await Self.history.journal())
        await #expect(throws: IncidentError.unknownRequest(id)) { try await view.state(of: id) }
    }

    @Test func `events of other kinds are passed over`() async throws {
        let journal = try await Self.history.journal()
        let stream = try StreamID("job/1")
        let other = try NewEvent(type: "job", occurredAt: .unixEpoch, payload: [1, 2, 3])
        try await journal.append(other, to: stream)
        let view = PipelineView(journal)
        #expect(try await view.find(FindQuery()).count == 5)
        #expect(try await view.requests(now: .unixEpoch).count == 2)
    }

    /// A request with an event of another type, at position 6 and 7 of its journal.
    private static func journal(
        mayBeIgnored: Bool,
        isFirst: Bool = false
    ) async throws -> MemoryJournal {
        let journal = try await history.journal()
        let request = isFirst ? "PAGW-9" : "PAGW-1"
        let rule = try NewEvent(
            type: "rule",
            occurredAt: .unixEpoch,
            mayBeIgnored: mayBeIgnored,
            payload: [7]
        )
        try await journal.append(rule, to: try PipelineEvent.streamID(request: request))
        let row = try #require(history.rows.last).event
        try await journal.append(
            try row.newEvent(id: nil),
            to: try PipelineEvent.streamID(request: request)
        )
        return journal
    }

    @Test(arguments: [false, true])
    func `an unknown event in a request's stream stops every answer`(isFirst: Bool) async throws {
        let journal = try await Self.journal(mayBeIgnored: false, isFirst: isFirst)
        let view = PipelineView(journal)
        let request = isFirst ? "PAGW-9" : "PAGW-1"
        let error = IncidentError.event(position: Position(rawValue: 6), .unknownType("rule"))
        await #expect(throws: error) { try await view.timeline(of: request) }
        await #expect(throws: error) { try await view.state(of: request) }
        await #expect(throws: error) { try await view.requests(now: .unixEpoch) }
        await #expect(throws: error) { try await view.stuck(now: .unixEpoch) }
        await #expect(throws: error) { try await view.retries(now: .unixEpoch) }
        await #expect(throws: error) { try await view.retries(now: .unixEpoch, openOnly: true) }
        await #expect(throws: error) { try await view.stats(since: .distantPast) }
        await #expect(throws: error) { try await view.slowest(since: .distantPast) }
        await #expect(throws: error) { try await view.find(FindQuery()) }
        let before = PipelineView(journal, asOf: Position(rawValue: 5))
        #expect(try await before.find(FindQuery()).count == 5)
    }

    @Test func `an event in a request's stream that may be ignored is`() async throws {
        let view = PipelineView(try await Self.journal(mayBeIgnored: true))
        #expect(try await view.timeline(of: "PAGW-1").entries.count == 5)
        #expect(try await view.state(of: "PAGW-1").eventCount == 5)
        #expect(try await view.find(FindQuery()).count == 6)
        #expect(try await view.requests(now: .unixEpoch).count == 2)
    }

    @Test func `an event that cannot be read stops a query with its position`() async throws {
        let journal = try await Self.history.journal()
        let stream = try PipelineEvent.streamID(request: "PAGW-9")
        var payload = try #require(Self.history.rows.first).event.encoded()
        payload[0] = 99
        let bad = try NewEvent(
            type: PipelineEvent.frameType,
            occurredAt: .unixEpoch,
            payload: payload
        )
        try await journal.append(bad, to: stream)
        let expected = IncidentError.event(position: Position(rawValue: 6), .newerVersion(99))
        await #expect(throws: expected) {
            try await PipelineView(journal).stats(since: .distantPast)
        }
        await #expect(throws: expected) { try await PipelineView(journal).state(of: "PAGW-9") }
        await #expect(throws: expected) {
            try await PipelineView(journal).requests(now: .unixEpoch)
        }
        let before = PipelineView(journal, asOf: Position(rawValue: 5))
        #expect(try await before.stats(since: .distantPast).count == 4)
    }
}
