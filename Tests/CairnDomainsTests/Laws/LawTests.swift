import CairnCore
@testable import CairnDomains
import CairnTesting
import Testing

/// What a consumer's stream held when the first version stored it.
private let consumerHistory = """
    {"history":"a consumer",\
    "state":"e1ae2a7104c65345ea84dd756d5d710bd8cbdb5debf8344ee74ab83755f59e10"}
    {"type":"consumer.opened","version":1,"occurred":1,\
    "ignorable":false,"codec":0,"id":null,"payload":"Ago"}
    {"type":"consumer.advanced","version":1,"occurred":2,\
    "ignorable":false,"codec":0,"id":null,"payload":"AtgE"}
    {"type":"consumer.advanced","version":1,"occurred":3,\
    "ignorable":false,"codec":0,"id":null,"payload":"Ag4"}
    """

/// The laws of machines, asked of Cairn's own; `Specs/Laws.md` lists them.
struct LawTests {
    private static let settings = PropertySettings(caseCountMax: 200, seed: 1)

    /// Values that a function makes of a seed.
    private static func seeded<Value>(
        _ make: @escaping @Sendable (inout SeededGenerator) -> Value
    ) -> Generator<Value> {
        Generator<UInt64>.integer().map { seed in
            var generator = SeededGenerator(seed: seed)
            return make(&generator)
        }
    }

    private static let item = Generator<ItemCommand>.sampled(
        from: ItemSamples.commands.map(\.command)
    )
    private static let job = Generator<JobCommand>.sampled(
        from: JobTableTests.commands.map(\.command)
    )
    private static let itemEvents = seeded { generator in
        let fact = RandomItem.fact(&generator)
        return ItemEvent(fact, at: RandomItem.instant(&generator))
    }
    private static let jobEvents = Generator<JobEvent>.sampled(
        from: JobTableTests.standings.flatMap(\.facts).map { JobEvent($0, at: JobTableTests.now) }
    )
    private static let lease = Generator<RetryLeaseMachine.Command>.sampled(
        from: RetryLeaseTableTests.wishes.map { .take($0.wish) }
    )
    private static let place = Generator<UInt64>.integer(in: 0...4).map { Position(rawValue: $0) }
    private static let consumer = Generator<ConsumerMachine.Command>.one(
        of: place.map { .open(after: $0) },
        Generator<(Position, Position)>.tuple(place, place).map { .advance(from: $0.0, to: $0.1) }
    )
    private static let consumerEvents = Generator<ConsumerMachine.Event>.one(
        of: Generator<(Position, Timestamp)>.tuple(place, .timestamp())
            .map { .opened(after: $0.0, at: $0.1) },
        Generator<(Position, Timestamp)>.tuple(place, .timestamp())
            .map { .advanced(to: $0.0, at: $0.1) }
    )

    private func expectFolds<Rules: StoredMachine>(
        _ machine: Rules,
        _ commands: Generator<Rules.Command>
    ) throws {
        let settings = Self.settings
        try Laws.replayEqualsLive(machine, commands: commands, settings: settings)
        try Laws.incrementalEqualsWhole(machine, commands: commands, settings: settings)
        try Laws.runsAreEqual(machine, commands: commands, settings: settings)
        try Laws.answersFollowFromArguments(machine, commands: commands, settings: settings)
    }

    @Test func `items, jobs, leases and consumers keep the laws of folds`() throws {
        try expectFolds(ItemMachine(), Self.item)
        try expectFolds(JobMachine(), Self.job)
        try expectFolds(RetryLeaseMachine(), Self.lease)
        try expectFolds(ConsumerMachine(), Self.consumer)
    }

    @Test func `any events of items, jobs, consumers and pipelines fold, and none is dropped`()
        throws
    {
        let settings = Self.settings
        try Laws.anyEventsFold(
            ItemMachine(),
            events: Self.itemEvents,
            commands: Self.item,
            eventCount: { Int($0.eventCount) },
            settings: settings
        )
        try Laws.anyEventsFold(
            JobMachine(),
            events: Self.jobEvents,
            commands: Self.job,
            settings: settings
        )
        try Laws.anyEventsFold(
            ConsumerMachine(),
            events: Self.consumerEvents,
            commands: Self.consumer,
            settings: settings
        )
        let start = PipelineCommand(.recordStart, PipelineReport(tenant: "t", stage: "PARSING"))
        try Laws.anyEventsFold(
            PipelineMachine(),
            events: Self.seeded { RandomPipeline.event(&$0) },
            commands: .constant(start),
            eventCount: { Int($0.eventCount) },
            settings: settings
        )
    }

    @Test func `unknown, newer, damaged and erased events of each machine stop or are passed over`()
        throws
    {
        let settings = Self.settings
        try Laws.unknownEventsStopTheFold(
            ItemMachine(),
            events: Self.itemEvents,
            settings: settings
        )
        try Laws.unknownEventsStopTheFold(JobMachine(), events: Self.jobEvents, settings: settings)
        try Laws.unknownEventsStopTheFold(
            ConsumerMachine(),
            events: Self.consumerEvents,
            settings: settings
        )
    }

    @Test func `events of each machine are the same bytes when they are read and written again`()
        throws
    {
        let settings = Self.settings
        try Laws.encodingIsStable(ItemMachine(), events: Self.itemEvents, settings: settings)
        try Laws.encodingIsStable(JobMachine(), events: Self.jobEvents, settings: settings)
        try Laws.encodingIsStable(
            ConsumerMachine(),
            events: Self.consumerEvents,
            settings: settings
        )
    }

    @Test func `consumers and jobs add nothing for a command that comes twice`() throws {
        try Laws.repetitionAddsNothing(
            ConsumerMachine(),
            commands: Self.consumer,
            settings: Self.settings
        )
        try Laws.repetitionAddsNothing(
            JobMachine(),
            commands: Self.job,
            where: { command in
                switch command {
                case .pause, .resume, .cancel: true
                default: false
                }
            },
            settings: Self.settings
        )
    }

    @Test func `a consumer refuses what its table does not have, and nothing else`() throws {
        try Laws.illegalCommandsAreRefused(
            ConsumerMachine(),
            commands: Self.consumer,
            where: { command, state, _ in
                switch command {
                case .open: true
                case .advance(let from, let to):
                    state.isOpen && from <= to && (state.position == to || state.position == from)
                }
            },
            settings: Self.settings
        )
    }

    @Test func `callbacks of an attempt in any order and number give one status`() throws {
        let callback = Generator<CallbackMeaning>.allCases().map { meaning in
            var callback = InteractionCallback(
                provider: "p",
                reference: "r",
                word: meaning.word,
                meaning: meaning
            )
            callback.attempt = 1
            return ItemEvent(.calledBack(callback), at: ItemSamples.now)
        }
        try Laws.deliveriesCommute(
            ItemMachine(),
            events: .array(of: callback, count: 0...6),
            after: [ItemSamples.began(), .accepted(ItemSamples.acceptance)]
                .map { ItemEvent($0, at: ItemSamples.now) },
            seenAs: { $0.status },
            settings: Self.settings
        )
    }

    @Test func `a pipeline's drawn histories have the same digest in every process`() throws {
        let reports = PipelineReplayTests.definitions[0].stages.map {
            PipelineReport(tenant: "t", stage: $0.name)
        }
        let command = Generator<(PipelineCommand.Verb, PipelineReport)>.tuple(
            .allCases(),
            .sampled(from: reports)
        )
        try Laws.replayIsTheSameElsewhere(
            PipelineMachine(),
            commands: command.map { PipelineCommand($0.0, $0.1) },
            encoding: { $0.encoded() },
            digest: "841caa0c76afaa504488f7f57580b16d732be354dcd46c3f962129d43999b613"
        )
    }

    @Test func `a consumer's stored history reads as it was`() throws {
        let place = ConsumerTableTests.place
        let events: [ConsumerMachine.Event] = [
            .opened(after: place(5), at: Timestamp(nanoseconds: 1)),
            .advanced(to: place(300), at: Timestamp(nanoseconds: 2)),
            .advanced(to: place(7), at: Timestamp(nanoseconds: 3)),
        ]
        let written = try GoldenHistory(
            "a consumer",
            of: ConsumerMachine(),
            events: events,
            encoding: Self.encoded
        )
        #expect(written.text == consumerHistory + "\n")
        try Laws.historiesStayReadable(
            ConsumerMachine(),
            histories: [try GoldenHistory(text: consumerHistory)],
            encoding: Self.encoded
        )
    }

    private static func encoded(_ state: ConsumerMachine.State) -> [UInt8] {
        var writer = FieldWriter()
        writer.flag(1, state.isOpen)
        writer.count(2, state.position.rawValue)
        writer.count(3, state.anomalyCount)
        return writer.finish()
    }
}
