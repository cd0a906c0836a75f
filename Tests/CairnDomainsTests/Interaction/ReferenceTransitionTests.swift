import CairnCore
@testable import CairnDomains
import CairnTesting
import Testing

struct ReferenceTransitionTests {
    private typealias Rules = ReferenceMachine

    static func callback(bodyByteCount: Int) -> InteractionCallback {
        InteractionCallback(
            provider: "p",
            reference: "r",
            eventID: "e",
            word: CallbackMeaning.delivered.word,
            meaning: .delivered,
            body: Array(repeating: 1, count: bodyByteCount)
        )
    }

    static func reading(_ first: StreamID) -> TransitionReading<ReferenceMachine> {
        TransitionReading(
            cell: { command, state, _ in
                let isFull = state.droppedCount > 0
                let standing: String
                if state.link == nil {
                    standing = isFull ? "full" : state.early.isEmpty ? "absent" : "early reports"
                } else {
                    standing = isFull ? "linked and full" : "linked"
                }
                switch command {
                case .link(let stream):
                    let isSame = stream == state.link ?? first
                    let name = isSame ? "link" : "link to another item"
                    return TransitionCell(command: name, standing: standing)
                case .keep(let callback):
                    let isLarge = (callback.body?.count ?? 0) >= Rules.earlyByteCountMax
                    let name = isLarge ? "keep one too large" : "keep"
                    return TransitionCell(command: name, standing: standing)
                }
            },
            answer: { outcome in
                switch outcome {
                case .success(let events):
                    switch events.first {
                    case nil: "`[]`"
                    case .linked: "`reference.linked`"
                    case .kept: "`callback.kept`"
                    case .dropped: "`callback.kept` without its body"
                    }
                }
            }
        )
    }

    @Test func `every state of a provider's name answers as its table says`() throws {
        let (first, second) = (try StreamID("key/a"), try StreamID("key/b"))
        let small = Self.callback(bodyByteCount: 0)
        let large = Self.callback(bodyByteCount: Rules.earlyByteCountMax)
        let (machine, now) = (Rules(), ItemSamples.now)
        let commands: [(name: String, command: Rules.Command)] = [
            ("link", .link(first)), ("link to another item", .link(second)),
            ("keep", .keep(small)), ("keep one too large", .keep(large)),
        ]
        let full = Rules.Event.dropped(small, at: now)
        let rendered = try TransitionTable(
            of: machine,
            standings: [
                ("absent", machine.initial),
                ("early reports", machine.replay([.kept(small, at: now)])),
                ("full", machine.replay([full])),
                ("linked", machine.replay([.linked(first, at: now)])),
                ("linked and full", machine.replay([full, .linked(first, at: now)])),
            ],
            commands: commands,
            read: Self.reading(first)
        )
        let bytes = try PipelineDefinitionTests.specification("Machines/Reference.md")
        let table = try TransitionTable(markdown: String(decoding: bytes, as: UTF8.self))
        #expect(table == rendered, "\(rendered.markdown)")
        let next = try NextStandings("Machines/Reference.md")
        let coverage = try Laws.turnsFollowTable(
            machine,
            table,
            next: next.table,
            read: Self.reading(first),
            commands: .sampled(from: commands.map(\.command)),
            settings: PropertySettings(caseCountMax: 200, seed: 1)
        )
        #expect(coverage.outsideCount == 0 && coverage.met.count == table.cellCount, "\(coverage)")
        next.expectAll(of: coverage)
    }
}
