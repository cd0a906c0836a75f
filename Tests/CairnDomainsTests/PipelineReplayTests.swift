import CairnCore
import CairnDomains
import CairnTesting
import Testing

/// Laws 2, 6 and 8 for the pipeline: on random histories that hold every oddity of real logs.
struct PipelineReplayTests {
    static let definitions = [PipelineDefinition.priorAuthorization, .foreign]

    @Test func `a state read back from any point folds on to the same bytes`() throws {
        var generator = SeededGenerator(seed: 101)
        let machine = PipelineMachine()
        for round in 0..<400 {
            let events = (0..<generator.below(40)).map { _ in RandomPipeline.event(&generator) }
            let cut = generator.below(events.count + 1)
            let half = machine.replay(events.prefix(cut))
            let bytes = half.encoded()
            var state = try PipelineState(decoding: bytes.span.bytes)
            #expect(state == half, "seed 101, round \(round)")
            #expect(state.encoded() == bytes, "seed 101, round \(round)")
            for event in events.dropFirst(cut) { machine.evolve(&state, by: event) }
            let whole = machine.replay(events)
            #expect(state.digest == whole.digest, "seed 101, round \(round)")
        }
    }

    @Test func `the digest of a history never changes between versions`() {
        var generator = SeededGenerator(seed: 102)
        let events = (0..<500).map { _ in RandomPipeline.event(&generator) }
        let digest = PipelineMachine().replay(events).digest.hexadecimal
        #expect(digest == "d8a0b85686bb783631eb97f9f3ab43542222da23d33606327095cf9bdf2a7f3d")
    }

    @Test func `a damaged state is refused or folds on, and never traps`() {
        var generator = SeededGenerator(seed: 103)
        let machine = PipelineMachine()
        let events = (0..<30).map { _ in RandomPipeline.event(&generator) }
        let bytes = machine.replay(events).encoded()
        for count in 0..<bytes.count {
            #expect(throws: TruncatedBytes.self) {
                try PipelineState(decoding: bytes.span.bytes.extracting(0..<count))
            }
        }
        for _ in 0..<20_000 {
            var damaged = bytes
            for _ in 0...generator.below(4) {
                damaged[generator.below(bytes.count)] = UInt8(generator.below(256))
            }
            guard var state = try? PipelineState(decoding: damaged.span.bytes) else { continue }
            for event in events { machine.evolve(&state, by: event) }
        }
    }

    @Test(arguments: definitions)
    func `the fleet's fold agrees with the machine`(definition: PipelineDefinition) throws {
        var generator = SeededGenerator(seed: 104)
        let machine = PipelineMachine(definition)
        var fold = PipelineFold(definition)
        var states: [UInt64: PipelineState] = [:]
        for round in 0..<20_000 {
            let request = UInt64(generator.below(300) + 1)
            let event = RandomPipeline.event(&generator)
            let payload = event.encoded()
            try fold.take(
                payload.span.bytes,
                occurredAt: event.createdAt,
                of: StreamNumber(rawValue: request)
            )
            machine.evolve(&states[request, default: machine.initial], by: event)
            let summary = try #require(fold.requests[StreamNumber(rawValue: request)])
            let state = try #require(states[request])
            let difference = Self.difference(summary, state, fold)
            #expect(difference == nil, "seed 104, round \(round): \(event)")
        }
        #expect(fold.requests.count == states.count)
    }

    /// The first field in which the two folds differ.
    private static func difference(
        _ summary: PipelineSummary,
        _ state: PipelineState,
        _ fold: PipelineFold
    ) -> String? {
        let current = state.current
        let status = current.map { PipelineStatus.word(of: $0) }
        let late = state.anomalies[.lateRow] + state.anomalies[.duplicateNumber]
        let failures = state.stages.reduce(0) { $0 + $1.failureCount }
        let checks: [(String, Bool)] = [
            ("eventCount", summary.eventCount == state.eventCount),
            ("failureCount", summary.failureCount == failures),
            ("lateCount", summary.lateCount == late),
            ("reopenedCount", summary.reopenedCount == state.reopenedCount),
            ("lastSequenceNumber", summary.lastSequenceNumber == state.lastSequenceNumber),
            ("sequence", summary.sequence == current?.sequence.rawValue ?? 0),
            ("attempt", summary.attempt == current?.attempt ?? 0),
            ("attemptMax", summary.attemptMax == state.attemptMax),
            ("createdAt", summary.createdAt == current?.createdAt),
            ("firstCreatedAt", summary.firstCreatedAt == state.firstCreatedAt),
            ("lastCreatedAt", summary.lastCreatedAt == state.lastCreatedAt),
            ("nextRetryAt", summary.nextRetryAt == current?.nextRetryAt),
            ("tenant", fold.text(of: summary.tenant) == state.tenant),
            ("stage", fold.text(of: summary.stage) == current?.stage),
            ("eventType", fold.text(of: summary.eventType) == current?.eventType),
            ("status", summary.status == current?.status.code),
            ("statusWord", fold.text(of: summary.statusWord) == status),
            ("isRetryable", summary.isRetryable == current?.isRetryable),
            ("isTerminal", summary.isTerminal == state.isTerminal),
        ]
        return checks.first { !$0.1 }?.0
    }
}

extension PipelineStatus {
    /// The word that the fleet's fold keeps: none for the five known ones.
    fileprivate static func word(of current: PipelineState.Current) -> String {
        current.status.code == .other ? current.status.word : ""
    }
}
