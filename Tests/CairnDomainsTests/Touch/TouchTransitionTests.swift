import CairnCore
@testable import CairnDomains
import CairnTesting
import Testing

/// The machines of the touch log refuse nothing; their tables are small.
struct TouchTransitionTests {
    private static let now = ItemSamples.now
    private static let forgotten = Removal(.stream, at: now, by: nil, reason: nil)

    /// The type of the last event, or that there is none.
    private static func answer<Rules: StoredMachine>(
        _ machine: Rules,
        _ events: [Rules.Event]
    ) -> String {
        guard let event = events.last else { return "`[]`" }
        return "`\((try? machine.newEvent(event))?.type ?? "unwritten")`"
    }

    static let rowReading = TransitionReading<TouchMachine>(
        command: { command in
            switch command {
            case .log: "log"
            case .forget: "forget"
            }
        },
        standing: { state in
            if state.rowCount > 0 { return "with rows" }
            return state.lastRemoval == nil ? "absent" : "forgotten"
        },
        answer: { outcome in
            switch outcome {
            case .success(let events): answer(TouchMachine(), events)
            }
        }
    )

    static let (own, other) = (WorkerNumber(rawValue: 1), WorkerNumber(rawValue: 2))

    static let queueCommands: [(name: String, command: TouchQueueMachine.Command)] = {
        var drops = TouchDrops()
        drops.full = 1
        return [
            ("begin", .begin(own, gone: [])),
            ("begin, the other gone", .begin(own, gone: [other])),
            ("drop nothing", .drop(own, TouchDrops())),
            ("drop", .drop(own, drops)),
            ("end", .end(own, TouchCounts())),
        ]
    }()

    static let otherQueueCommands: [TouchQueueMachine.Command] = [
        .begin(other, gone: []), .end(other, TouchCounts()),
    ]

    static let queueReading = TransitionReading<TouchQueueMachine>(
        command: { command in
            switch command {
            case .begin(own, let gone): gone.isEmpty ? "begin" : "begin, the other gone"
            case .drop(own, let drops): drops.count == 0 ? "drop nothing" : "drop"
            case .end(own, _): "end"
            case .begin, .drop, .end: nil
            }
        },
        standing: { state in
            let open = Set(state.openRuns.map(\.worker))
            // A worker runs one queue at a time.
            guard open.count == state.openRuns.count else { return nil }
            if open.isEmpty { return "none open" }
            return open.count == 2 ? "both open" : open == [own] ? "open" : "the other open"
        },
        answer: { outcome in
            switch outcome {
            case .success(let events):
                events.isEmpty
                    ? "`[]`"
                    : events.map { answer(TouchQueueMachine(), [$0]) }.joined(separator: ", ")
            }
        }
    )

    static let truncationReading = TransitionReading<TruncationMachine>(
        command: { _ in "truncate" },
        standing: { $0.count == 0 ? "absent" : "truncated" },
        answer: { outcome in
            switch outcome {
            case .success(let events): answer(TruncationMachine(), events)
            }
        }
    )

    private static func table(_ heading: String) throws -> TransitionTable {
        let bytes = try PipelineDefinitionTests.specification("Machines/Touch.md")
        return try TransitionTable(markdown: String(decoding: bytes, as: UTF8.self), after: heading)
    }

    @Test func `every state of a user's log answers as its table says`() throws {
        let row = try TouchSamples.touch(TouchSamples.uid(1), TouchSamples.attempt(), at: 1)
        let commands: [(name: String, command: TouchMachine.Command)] = [
            ("log", .log(row)), ("forget", .forget(by: nil, reason: nil)),
        ]
        let machine = TouchMachine()
        let table = try Self.table("## Transitions")
        let rendered = try TransitionTable(
            of: machine,
            standings: [
                ("absent", machine.initial),
                ("with rows", machine.replay([.logged(row)])),
                ("forgotten", machine.replay([.logged(row), .removed(Self.forgotten)])),
            ],
            commands: commands,
            read: Self.rowReading
        )
        #expect(table == rendered, "\(rendered.markdown)")
        let next = try NextStandings("Machines/Touch.md")
        let coverage = try Laws.everyStateFollowsTable(
            machine,
            table,
            next: next.table,
            read: Self.rowReading,
            exploring: commands.map(\.command),
            seenAs: { [$0.rowCount > 0, $0.lastRemoval != nil] }
        )
        #expect(coverage.isExhaustive && coverage.outsideCount == 0, "\(coverage)")
        next.expectAll(of: coverage)
    }

    @Test func `every state of the queues' log answers as its table says`() throws {
        let machine = TouchQueueMachine()
        let (own, other) = (Self.own, Self.other)
        let commands = Self.queueCommands
        func began(_ worker: WorkerNumber) -> TouchQueueMachine.Event {
            TouchQueueMachine.Event(.began, of: worker, at: Self.now)
        }
        let table = try Self.table("## Transitions of the queues")
        let rendered = try TransitionTable(
            of: machine,
            standings: [
                ("none open", machine.initial), ("open", machine.replay([began(own)])),
                ("the other open", machine.replay([began(other)])),
                ("both open", machine.replay([began(own), began(other)])),
            ],
            commands: commands,
            read: Self.queueReading
        )
        #expect(table == rendered, "\(rendered.markdown)")
        let next = try NextStandings("Machines/Touch.md", "## Next standings of the queues")
        let coverage = try Laws.turnsFollowTable(
            machine,
            table,
            next: next.table,
            read: Self.queueReading,
            commands: .sampled(from: commands.map(\.command) + Self.otherQueueCommands),
            stepCountMax: 6,
            settings: PropertySettings(seed: 1)
        )
        #expect(coverage.met.count == table.cellCount)
        next.expectAll(of: coverage)
    }

    @Test func `a truncation is taken whatever was truncated before`() throws {
        let machine = TruncationMachine()
        let truncate = TruncationMachine.Command.truncate(before: Self.now, by: nil, reason: nil)
        let next = try NextStandings("Machines/Touch.md", "## Next standings of truncations")
        let coverage = try Laws.everyStateFollowsTable(
            machine,
            try Self.table("## Transitions of truncations"),
            next: next.table,
            read: Self.truncationReading,
            exploring: [truncate],
            seenAs: { $0.count > 0 }
        )
        #expect(coverage.isExhaustive && coverage.met.count == 2, "\(coverage)")
        next.expectAll(of: coverage)
    }
}
