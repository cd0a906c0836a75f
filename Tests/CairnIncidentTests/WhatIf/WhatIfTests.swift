import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import CairnTesting
import Testing

/// The laws of histories that did not happen.
struct WhatIfTests {
    private static let now = History.time(minutes: 60)

    @Test func `an empty edit differs in nothing`() async throws {
        let view = try await WhatIfStory.view()
        let empty = try await view.whatIf("R-1", now: Self.now)
        #expect(!empty.differs)
        #expect(empty.history.lines.allSatisfy { $0.event.change == .kept })
        #expect(empty.history.state == empty.history.recordedState)
        // The metadata is not laid out as it would be written.
        let merged = Overlay([.merge(try WhatIfStory.json("{}"), into: WhatIfStory.place(3))])
        let same = try await view.whatIf("R-1", merged, now: Self.now)
        #expect(!same.differs)
        #expect(same.history.lines[2].event.change == .edited)
        #expect(same.history.state == same.history.recordedState)
    }

    @Test func `a dropped event inserted again changes nothing`() async throws {
        let view = try await WhatIfStory.view()
        let machine = RequestMachine()
        for step in try await view.steps(of: "R-1").steps {
            let event = try #require(step.event)
            let overlay = Overlay([
                .insert(machine.document(of: event), after: .sequence(step.sequence)),
                .drop(.position(step.position)),
            ])
            let answer = try await view.whatIf("R-1", overlay, now: Self.now)
            #expect(answer.history.lines.count == 6)
            #expect(answer.history.differences.isEmpty, "\(step.sequence)")
            #expect(answer.history.anomalyChanges.isEmpty)
            #expect(answer.rest == answer.recordedRest)
        }
    }

    @Test func `what is dropped, inserted and edited is what a journal without it would hold`()
        async throws
    {
        let view = try await WhatIfStory.view()
        let overlay = Overlay([
            .drop(WhatIfStory.place(2)),
            .merge(
                try WhatIfStory.json(
                    #"{"error_code":"E9","next_retry_at":null,"metadata":{"a":{"b":null}}}"#
                ),
                into: WhatIfStory.place(3)
            ),
            .insert(
                try WhatIfStory.json(
                    #"{"stage":"VALIDATION","event_type":"VAL_START","attempt":4}"#
                ),
                after: nil
            ),
            .insert(
                try WhatIfStory.json(#"{"stage":"PARSING","event_type":"X","status":"odd"}"#),
                after: .sequence(.zero)
            ),
        ])
        let answer = try await view.whatIf("R-1", overlay, now: Self.now)
        #expect(
            answer.history.lines.map(\.event.change) == [
                .inserted, .kept, .dropped, .edited, .kept, .kept, .inserted,
            ]
        )
        var events = answer.history.lines.compactMap { $0.event.event?.row }
        #expect(events.map(\.tenant) == Array(repeating: "anthem", count: 6))
        #expect(events.map(\.createdAt).first == History.time(minutes: 0))
        #expect(events.map(\.createdAt).last == History.time(minutes: 5))
        #expect(events[2].errorCode == "E9" && events[2].nextRetryAt == nil)
        let metadata = events[2].metadata.map { String(decoding: $0, as: UTF8.self) }
        #expect(metadata == #"{"a":{"c":[1,2]}}"#)
        var edited = History()
        for event in events { edited.add("R-1", event) }
        let other = PipelineView(try await edited.journal())
        #expect(try await other.state(of: "R-1") == answer.history.state.state)
        events.removeLast()
        #expect(answer.history.state.state.eventCount == 6)
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `the fold over an overlay is the fold of what it makes`(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let history = History.random(seed: seed)
        let view = PipelineView(try await history.journal())
        let request = try #require(history.rows.first?.requestID)
        let steps = try await view.steps(of: request).steps
        var edits: [Overlay.Edit] = []
        var expected: [PipelineEvent] = []
        for step in steps {
            let row = try #require(step.event?.row)
            switch random.next() % 5 {
            case 0: edits.append(.drop(.sequence(step.sequence)))
            case 1:
                var other = row
                other.attempt = 7
                other.status = .failed
                let patch = try WhatIfStory.json(#"{"attempt":7,"status":"FAILURE"}"#)
                edits.append(.merge(patch, into: .position(step.position)))
                other.metadata = row.metadata
                expected.append(other)
            case 2:
                expected += [row, row]
                let document = RequestMachine().document(of: .row(row))
                edits.append(.insert(document, after: .sequence(step.sequence)))
            default: expected.append(row)
            }
        }
        edits.shuffle(using: &random)
        let answer = try await view.whatIf(request, Overlay(edits), now: Self.now)
        let state = PipelineMachine().replay(expected)
        #expect(answer.history.state.state == state)
        let rows = answer.history.lines.compactMap { $0.event.event?.row }
        #expect(rows.map(\.eventType) == expected.map(\.eventType))
        #expect(answer.history.recordedState.state == (try await view.state(of: request)))
    }

    @Test func `the first difference and the fields that differ are told`() async throws {
        let view = try await WhatIfStory.view()
        let patch = try WhatIfStory.json(#"{"status":"FAILED","event_type":"PARSE_FAIL"}"#)
        let overlay = Overlay([.merge(patch, into: WhatIfStory.place(5))])
        let answer = try await view.whatIf("R-1", overlay, now: Self.now)
        #expect(answer.history.firstDifferingIndex == 4)
        let fields = answer.history.differences.map(\.path.description)
        #expect(fields.contains("status") && fields.contains("stages.PARSING.status"))
        #expect(!fields.contains("attempt"))
        #expect(answer.recordedRest == nil)
        let rest = try #require(answer.rest)
        #expect(rest.isStuck && rest.since == History.time(minutes: 5))
    }

    @Test func `anomalies that come and go are counted`() async throws {
        let view = try await WhatIfStory.view()
        let overlay = Overlay([.drop(WhatIfStory.place(2)), .drop(WhatIfStory.place(4))])
        let answer = try await view.whatIf("R-1", overlay, now: Self.now)
        let changes = answer.history.anomalyChanges
        let change = try #require(changes.first { $0.name == "missing_start" })
        #expect(change.recordedCount == 0 && change.count == 2)
        let odd = answer.history.lines.filter { $0.anomalies.contains("missing_start") }
        #expect(odd.compactMap { $0.event.recorded?.sequence.rawValue } == [3, 5])
    }

    struct Refusal: CustomTestStringConvertible {
        let edits: [Overlay.Edit]
        let text: String

        var testDescription: String { text }
    }

    private static let refusals = [
        Refusal(
            edits: [.drop(WhatIfStory.place(9))],
            text: "there is no event 9; the history has events 1 to 5"
        ),
        Refusal(
            edits: [.drop(.position(Position(rawValue: 4)))],
            text: "there is no event at position 4; the history has events 1 to 5"
        ),
        Refusal(
            edits: [.drop(WhatIfStory.place(2)), .merge(.object([]), into: WhatIfStory.place(2))],
            text: "event 2 is dropped, edited or moved twice"
        ),
        Refusal(
            edits: [.drop(WhatIfStory.place(2)), .drop(.position(Position(rawValue: 2)))],
            text: "the event at position 2 is dropped, edited or moved twice"
        ),
        Refusal(
            edits: [
                .merge(.object([JSONMember("atempt", .number("1"))]), into: WhatIfStory.place(1))
            ],
            text: "event 1 cannot be edited so: an event has no member 'atempt'"
        ),
        Refusal(
            edits: [.insert(.object([]), after: nil)],
            text: "the event to insert is none: the event has no 'stage'"
        ),
    ]

    @Test(arguments: refusals)
    func `edits that make no sense are refused`(refusal: Refusal) async throws {
        let view = try await WhatIfStory.view()
        let error = await #expect(throws: WhatIfError.self) {
            try await view.whatIf("R-1", Overlay(refusal.edits), now: Self.now)
        }
        #expect(error?.description == refusal.text)
    }

    @Test func `an unknown request is one`() async throws {
        let view = try await WhatIfStory.view()
        await #expect(throws: WhatIfError.incident(.unknownRequest("R-9"))) {
            try await view.whatIf("R-9", now: Self.now)
        }
    }
}
