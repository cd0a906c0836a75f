import CairnCore
import CairnDomains
import CairnTesting
import Testing

struct ConsumerTableTests {
    typealias Event = ConsumerMachine.Event

    static func place(_ number: UInt64) -> Position { Position(rawValue: number) }

    static let standings: [(name: String, events: [Event])] = [
        ("absent", []),
        ("at 0", [.opened(after: .zero, at: .unixEpoch)]),
        ("at 5", [.opened(after: place(5), at: .unixEpoch)]),
        ("at 7", [.opened(after: place(7), at: .unixEpoch)]),
        (
            "at 9",
            [.opened(after: place(5), at: .unixEpoch), .advanced(to: place(9), at: .unixEpoch)]
        ),
    ]

    static let commands: [(name: String, command: ConsumerMachine.Command)] = [
        ("open after 0", .open(after: .zero)),
        ("open after 7", .open(after: place(7))),
        ("advance 0 to 5", .advance(from: .zero, to: place(5))),
        ("advance 5 to 9", .advance(from: place(5), to: place(9))),
        ("advance 9 to 9", .advance(from: place(9), to: place(9))),
        ("advance 9 to 5", .advance(from: place(9), to: place(5))),
    ]

    /// How a turn is found in the table: by the command itself, and by where the consumer is.
    static let reading = TransitionReading<ConsumerMachine>(
        command: { given in commands.first { $0.command == given }?.name },
        standing: { $0.isOpen ? "at \($0.position)" : "absent" },
        answer: { outcome in
            switch outcome {
            case .success(let events):
                switch events.first {
                case nil: "`[]`"
                case .opened(let position, _): "`consumer.opened` \(position)"
                case .advanced(let position, _): "`consumer.advanced` \(position)"
                }
            case .failure(.notOpen): "*not open*"
            case .failure(.elsewhere(let position)): "*at \(position)*"
            case .failure(.backwards): "*backwards*"
            }
        }
    )

    static func rendered() throws -> String {
        try TransitionTable(
            of: ConsumerMachine(),
            standings: standings.map { ($0.name, ConsumerMachine().replay($0.events)) },
            commands: commands,
            read: reading
        ).markdown
    }

    @Test func `the table in the specification is the machine's own`() throws {
        let bytes = try PipelineDefinitionTests.specification("Machines/Consumer.md")
        let text = String(decoding: bytes, as: UTF8.self)
        let table = try Self.rendered()
        #expect(text.contains("\n\n\(table)\n\n"), "\(table)")
    }

    @Test func `every state of a consumer answers as its table says, and every cell is met`()
        throws
    {
        let bytes = try PipelineDefinitionTests.specification("Machines/Consumer.md")
        let table = try TransitionTable(markdown: String(decoding: bytes, as: UTF8.self))
        let next = try NextStandings("Machines/Consumer.md")
        let coverage = try Laws.everyStateFollowsTable(
            ConsumerMachine(),
            table,
            next: next.table,
            read: Self.reading,
            exploring: Self.commands.map(\.command)
        )
        #expect(coverage.isExhaustive && coverage.outsideCount == 0, "\(coverage)")
        #expect(coverage.met.count == table.cellCount)
        next.expectAll(of: coverage)
        let searched = try Laws.turnsFollowTable(
            ConsumerMachine(),
            table,
            next: next.table,
            read: Self.reading,
            commands: .sampled(from: Self.commands.map(\.command)),
            settings: PropertySettings(caseCountMax: 100, seed: 1)
        )
        #expect(searched.met == coverage.met)
    }

    @Test func `whatever is folded, a consumer never goes back, and what is odd is counted`() {
        var generator = SeededGenerator(seed: 61)
        let machine = ConsumerMachine()
        for _ in 0..<500 {
            var state = machine.initial
            for index in 0..<UInt64(generator.below(12)) {
                let before = state
                let place = Self.place(UInt64(generator.below(10)))
                let event: Event =
                    generator.below(3) == 0
                    ? .opened(after: place, at: .unixEpoch) : .advanced(to: place, at: .unixEpoch)
                machine.evolve(&state, by: event)
                #expect(state.position >= before.position)
                #expect(state.anomalyCount <= index + 1)
                let isFact = state.position > before.position || state.isOpen != before.isOpen
                #expect(isFact || state.anomalyCount == before.anomalyCount + 1)
            }
        }
    }

    @Test func `what is written is read back, and what is not whole is refused`() throws {
        let machine = ConsumerMachine()
        let events: [Event] = [
            .opened(after: .zero, at: .unixEpoch),
            .advanced(to: Self.place(.max), at: Timestamp(nanoseconds: 1)),
        ]
        for event in events {
            let stored = StoredFrame(try machine.newEvent(event))
            #expect(try stored.read(machine) == event)
            var damaged = stored
            damaged.payload = []
            #expect(throws: EventCodecError.self) { try damaged.read(machine) }
            var newer = stored
            newer.typeVersion = 2
            #expect(throws: EventCodecError.self) { try newer.read(machine) }
            var other = stored
            other.type = "consumer.lost"
            #expect(throws: EventCodecError.self) { try other.read(machine) }
            other.mayBeIgnored = true
            #expect(try other.read(machine) == nil)
        }
    }
}
