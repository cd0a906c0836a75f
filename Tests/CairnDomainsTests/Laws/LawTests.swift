import CairnCore
@testable import CairnDomains
import CairnEngine
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

/// Laws that are about one machine or another; `MachineLawTests` asks the others of all.
struct LawTests {
    private static let settings = PropertySettings(caseCountMax: 200, seed: 1)

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

    @Test func `reports that come before a name is linked mean the same in any order`() throws {
        let kept = Generator<CallbackMeaning>.allCases().map { meaning in
            ReferenceMachine.Event.kept(
                InteractionCallback(
                    provider: "p",
                    reference: "r",
                    word: meaning.word,
                    meaning: meaning
                ),
                at: ItemSamples.now
            )
        }
        try Laws.deliveriesCommute(
            ReferenceMachine(),
            events: .array(of: kept, count: 0...6),
            seenAs: { Set($0.early.map(\.meaning)) },
            settings: Self.settings
        )
    }

    @Test func `a checkpoint of a request after any row folds on to the same end`() throws {
        try Laws.checkpointEqualsWhole(
            PipelineMachine(),
            commands: .sampled(from: PipelineTransitionTests.commands),
            checkpoint: CheckpointCodec(
                write: { folded in
                    var writer = ByteWriter()
                    writer.littleEndian(folded.sequence.rawValue)
                    return writer.finish() + folded.state.encoded()
                },
                read: { bytes in
                    let rest = Array(bytes.dropFirst(8))
                    return Folded(
                        state: try PipelineState(decoding: rest.span.bytes),
                        sequence: SequenceNumber(
                            rawValue: bytes.span.bytes.littleEndian(at: 0, as: UInt64.self)
                        )
                    )
                }
            ),
            settings: PropertySettings(caseCountMax: 50, seed: 1)
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
