import CairnCore
import CairnDomains
import Testing

/// Two words are one if their bytes are, whatever they look like.
struct PipelineWordTests {
    /// The same letters, spelled with one and with two characters.
    static let composed = "Pr\u{FC}fung"
    static let decomposed = "Pru\u{308}fung"

    static let definition = PipelineDefinition(
        name: "two spellings",
        isOpen: false,
        stages: [.init(composed, deadline: .seconds(1)), .init(decomposed, deadline: .seconds(2))],
        eventTypes: [
            .init("\(composed)_START", stage: composed, status: .started),
            .init("\(decomposed)_START", stage: decomposed, status: .started),
            .init(
                "\(decomposed)_OK",
                stage: decomposed,
                status: .completed,
                startedBy: "\(decomposed)_START",
                isTerminal: true
            ),
        ]
    )

    @Test func `a definition takes both spellings as two words`() throws {
        #expect(Self.composed == Self.decomposed)
        let read = try PipelineDefinition.parse(Self.definition.json.canonicalBytes)
        #expect(read.fingerprint == Self.definition.fingerprint)
        #expect(read.deadline(of: Self.decomposed) == .seconds(2))
        let start = read.eventType(of: Self.decomposed, implying: .started)
        #expect(start?.name.utf8.elementsEqual("\(Self.decomposed)_START".utf8) == true)
        #expect(read.eventType(named: "\(Self.composed)_OK") == nil)
        #expect(read.eventType(named: "\(Self.decomposed)_OK")?.isTerminal == true)
    }

    @Test func `a request's state keeps both apart`() {
        let rows = [
            (Self.composed, "\(Self.composed)_START", PipelineStatus.started),
            (Self.decomposed, "\(Self.decomposed)_START", .started),
            (Self.composed, "\(Self.composed)_START", .started),
            (Self.decomposed, "\(Self.decomposed)_OK", .completed),
        ].map { RandomPipeline.plain($0, $1, $2) }
        let state = PipelineMachine(Self.definition).replay(rows)
        #expect(state.anomalies.isEmpty)
        #expect(state.stages.count == 2)
        #expect(state.isTerminal)
        #expect(state.openStarts.isEmpty)
        let half = PipelineMachine(Self.definition).replay(rows.prefix(3))
        #expect(half.openStarts.map { Array($0.utf8) } == [Array("\(Self.decomposed)_START".utf8)])
    }
}
