import CairnCore
import CairnDomains
import CairnIncident

/// All that a request's state shows, one fact a line, under other names and at other times.
struct StateLines {
    private(set) var lines: [String] = []
    private let renaming: Renaming

    init(_ state: PipelineState, _ renaming: Renaming = Renaming()) {
        self.renaming = renaming
        add("tenant", text(state.tenant))
        if let current = state.current {
            add("current", text(current.stage), text(current.eventType), text(current.status.word))
            add("current", current.attempt, current.isRetryable, time(current.nextRetryAt))
            add("current", time(current.createdAt), current.sequenceNumber ?? -1, current.sequence)
        }
        add("whole", state.attemptMax, state.eventCount, state.lastSequenceNumber ?? -1)
        add("whole", time(state.firstCreatedAt), time(state.lastCreatedAt), state.isTerminal)
        add("whole", state.reopenedCount, state.openStarts, failure(state.lastError))
        for kind in PipelineAnomaly.Kind.allCases { add(kind.name, state.anomalies[kind]) }
        for anomaly in state.anomalies.first { add("\(anomaly)") }
        for stage in state.stages.sorted(by: { text($0.name) < text($1.name) }) {
            add("stage", text(stage.name), text(stage.status.word), stage.attempt)
            add(stage.isRetryable, time(stage.nextRetryAt), stage.attemptMax, stage.eventCount)
            add(stage.failureCount, time(stage.firstCreatedAt), time(stage.lastCreatedAt))
            add(time(stage.startedAt), time(stage.endedAt), failure(stage.lastError))
            add(stage.lastDurationMilliseconds ?? -1, stage.totalDurationMilliseconds)
        }
    }

    private mutating func add(_ values: any Sendable...) {
        lines.append(values.map { "\($0)" }.joined(separator: " "))
    }

    private func text(_ text: String?) -> String { text.map { renaming.name($0) } ?? "-" }

    private func time(_ time: Timestamp?) -> String {
        time.map { renaming.time($0).nanoseconds.description } ?? "-"
    }

    private func failure(_ failure: PipelineFailure?) -> String {
        guard let failure else { return "-" }
        return [
            text(failure.stage), text(failure.code), text(failure.message),
            failure.attempt.description, time(failure.createdAt),
        ].joined(separator: " ")
    }
}
