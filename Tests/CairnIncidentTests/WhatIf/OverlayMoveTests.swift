import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import CairnTesting
import Synchronization
import Testing

/// Events that happened in another order.
struct OverlayMoveTests {
    private static let now = History.time(minutes: 60)

    private static func move(_ number: UInt64, after target: UInt64?) -> Overlay.Edit {
        .move(WhatIfStory.place(number), after: target.map { WhatIfStory.place($0) })
    }

    @Test func `an event that is moved stands where it is moved to`() async throws {
        let view = try await WhatIfStory.view()
        let answer = try await view.whatIf("R-1", Overlay([Self.move(3, after: 5)]), now: Self.now)
        #expect(
            answer.history.lines.map(\.event.change) == [
                .kept, .kept, .movedAway, .kept, .kept, .movedHere,
            ]
        )
        let types = answer.history.lines.compactMap { $0.event.event?.row?.eventType }
        #expect(
            types == ["REQUEST_RECEIVED", "PARSE_START", "PARSE_START", "PARSE_OK", "PARSE_FAIL"]
        )
        #expect(answer.differs && answer.history.firstDifferingIndex == 2)
        let first = try await view.whatIf("R-1", Overlay([Self.move(5, after: 0)]), now: Self.now)
        #expect(first.history.lines.first?.event.change == .movedHere)
        #expect(first.history.lines.first?.event.source?.sequence.rawValue == 5)
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func `an event that is moved to where it stands changes nothing`(number: UInt64) async throws {
        let view = try await WhatIfStory.view()
        for target in [number - 1, number] {
            let overlay = Overlay([Self.move(number, after: target)])
            let answer = try await view.whatIf("R-1", overlay, now: Self.now)
            #expect(!answer.differs)
            #expect(answer.history.lines.allSatisfy { $0.event.change == .kept })
        }
    }

    @Test func `what is moved to one place stands there in the order given`() async throws {
        let view = try await WhatIfStory.view()
        let overlay = Overlay([Self.move(3, after: 2), Self.move(5, after: 2)])
        let answer = try await view.whatIf("R-1", overlay, now: Self.now)
        let numbers = answer.history.lines.filter(\.event.change.isHypothetical)
            .map { $0.event.source?.sequence.rawValue }
        #expect(numbers == [1, 2, 3, 5, 4])
    }

    @Test func `a failure that is moved is told of once`() async throws {
        let view = try await WhatIfStory.view()
        let overlay = Overlay([Self.move(1, after: nil)])
        let answer = try await view.whatIf("R-2", overlay, now: Self.now)
        #expect(answer.retries.count == 1)
        let failure = Overlay([Self.move(2, after: 0)])
        let moved = try await view.whatIf("R-2", failure, now: Self.now)
        let outlook = try #require(moved.retries.first)
        #expect(moved.retries.count == 1 && outlook.line == 0)
        #expect(outlook.recordedRetryAt == History.time(minutes: 7))
        #expect(outlook.recordedPolicy == outlook.policy)
    }

    @Test(arguments: 1...30 as ClosedRange<UInt64>)
    func `the fold over moved events is the fold in their new order`(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let history = History.random(seed: seed)
        let view = PipelineView(try await history.journal())
        let request = try #require(history.rows.first?.requestID)
        let steps = try await view.steps(of: request).steps
        let rows = try steps.map { try #require($0.event?.row) }
        let from = Int.random(in: 0..<rows.count, using: &random)
        let follows = Int.random(in: 0...rows.count, using: &random)
        let place = OverlayPlace.position(steps[from].position)
        let target = OverlayPlace.sequence(
            follows == 0 ? .zero : steps[follows - 1].sequence
        )
        let overlay = Overlay([.move(place, after: target)])
        let answer = try await view.whatIf(request, overlay, now: Self.now)
        var expected = rows.enumerated().filter { $0.offset != from }
        let index = expected.firstIndex { $0.offset >= follows } ?? expected.count
        expected.insert((offset: from, element: rows[from]), at: index)
        #expect(answer.history.lines.compactMap { $0.event.event?.row } == expected.map(\.element))
        #expect(answer.history.state.state == PipelineMachine().replay(expected.map(\.element)))
    }

    @Test func `what is edited can be moved, and what is dropped cannot`() async throws {
        let view = try await WhatIfStory.view()
        let patch = Overlay.Edit.merge(
            try WhatIfStory.json(#"{"attempt":7}"#),
            into: WhatIfStory.place(2)
        )
        let both = Overlay([Self.move(2, after: 4), patch])
        let answer = try await view.whatIf("R-1", both, now: Self.now)
        let moved = answer.history.lines.first { $0.event.change == .movedHere }
        #expect(moved?.event.event?.row?.attempt == 7)
        for edits in [
            [Self.move(2, after: 4), .drop(WhatIfStory.place(2))],
            [.drop(WhatIfStory.place(2)), Self.move(2, after: 4)],
            [Self.move(2, after: 4), Self.move(2, after: 0)],
        ] {
            await #expect(throws: WhatIfError.overlay(.changedTwice(WhatIfStory.place(2)))) {
                try await view.whatIf("R-1", Overlay(edits), now: Self.now)
            }
        }
        await #expect(throws: WhatIfError.self) {
            try await view.whatIf("R-1", Overlay([Self.move(1, after: 9)]), now: Self.now)
        }
    }

    @Test func `of a long history few documents are made, and both ends of what differs are told`()
        throws
    {
        let counter = DocumentCounter()
        let machine = CountingMachine(counter: counter)
        let steps = (1...20_000).map { (number: UInt64) in
            MachineStep(
                position: Position(rawValue: number),
                sequence: SequenceNumber(rawValue: number),
                recordedAt: .unixEpoch,
                occurredAt: .unixEpoch,
                type: "pushed",
                event: number
            )
        }
        let overlay = Overlay([.drop(WhatIfStory.place(2))])
        let answer = try WhatIf(steps, overlay, of: machine)
        #expect(answer.firstDifferingIndex == 1 && answer.lastDifferingIndex == 19_999)
        let (indices, leftOutCount) = answer.notable(limit: 20)
        #expect(indices == [1, 19_999] && leftOutCount == 0)
        #expect(answer.differingMembers(after: indices) == [["count"], ["count"]])
        #expect(counter.count <= 2 * (WhatIf<CountingMachine>.comparedCountMax + 3))
        // What differs for a while, and no more.
        let moved = try WhatIf(
            steps,
            Overlay([.move(WhatIfStory.place(5), after: WhatIfStory.place(9_000))]),
            of: machine
        )
        #expect(moved.firstDifferingIndex == 4 && moved.lastDifferingIndex == 8_999)
        #expect(!moved.lines[9_000].isDiffering && moved.differences.isEmpty)
        let many = try WhatIf(
            steps,
            Overlay((1...100).map { .drop(WhatIfStory.place(10 * $0)) }),
            of: machine
        ).notable(limit: 7)
        #expect(many.indices == [9, 19, 29, 39, 49, 59, 69, 19_999])
        #expect(many.leftOutCount == 93)
    }
}

/// How many documents of states were made.
private final class DocumentCounter: Sendable {
    private let value = Mutex(0)

    var count: Int { value.withLock { $0 } }

    func add() { value.withLock { $0 += 1 } }
}

/// Counts its events, and what they say.
private struct CountingMachine: InspectableMachine {
    struct State: Hashable, Sendable { var count: UInt64 = 0 }

    let counter: DocumentCounter

    var streamKind: StreamKind { StreamKind("counter") }
    var initial: State { State() }

    func event(_ header: EventHeader, frame: RawSpan) throws(EventCodecError) -> UInt64? { nil }

    func passOver(_ state: inout State) {}

    func evolve(_ state: inout State, by event: UInt64) { state.count += event }

    func document(of state: State) -> JSONValue {
        counter.add()
        return .object([JSONMember("count", .number("\(state.count)"))])
    }
}
