internal import CairnCore
internal import CairnDomains

/// What a state shows, as expressions that are true of it.
struct CaseFacts {
    let state: PipelineState
    /// The name of the instant that times are told from, and the instant.
    let start: (name: String, instant: Timestamp)

    /// The facts that a test is about.
    func lines(of point: RequestCase.Point) -> [String] {
        switch point {
        case .anomalies: return anomalies
        case .failure:
            return [.stage, .eventType, .status, .attempt, .errorCode].flatMap { lines(of: $0) }
        case .predicate(let predicate):
            var fields: [RequestField] = [.status]
            for case .state(let field) in CaseField.allCases
            where predicate.fields.contains(.state(field)) && field != .status {
                fields.append(field)
            }
            if predicate.fields.contains(.event(.durationMilliseconds)) { fields.append(.stages) }
            return fields.flatMap { lines(of: $0) }
        }
    }

    private var anomalies: [String] {
        let kinds = PipelineAnomaly.Kind.allCases.filter { state.anomalies[$0] > 0 }
        if kinds.isEmpty { return ["state.anomalies.isEmpty"] }
        return kinds.map { kind in
            "state.anomalies[.\(kind)] == \(SwiftText.integer(state.anomalies[kind]))"
        }
    }

    private func lines(of field: RequestField) -> [String] {
        let current = state.current
        switch field {
        // What is not in a state: its request's name, the age of it, and what no rule looks at.
        case .requestID, .metadata: return []
        case .tenant: return ["state.tenant == \(SwiftText.optional(state.tenant))"]
        case .stage: return ["state.current?.stage == \(SwiftText.optional(current?.stage))"]
        case .eventType:
            return ["state.current?.eventType == \(SwiftText.optional(current?.eventType))"]
        case .status: return ["state.current?.status == \(SwiftText.optional(current?.status))"]
        case .attempt: return ["state.current?.attempt == \(SwiftText.optional(current?.attempt))"]
        case .attemptMax: return ["state.attemptMax == \(SwiftText.integer(state.attemptMax))"]
        case .isRetryable:
            return ["state.current?.isRetryable == \(current?.isRetryable ?? false)"]
        case .nextRetryAt: return ["state.current?.nextRetryAt == \(instant(current?.nextRetryAt))"]
        case .sequenceNumber:
            let number = SwiftText.optional(current?.sequenceNumber)
            let sequence = SwiftText.optional(current?.sequence.rawValue)
            return [
                "state.current?.sequenceNumber == \(number)",
                "state.current?.sequence.rawValue == \(sequence)",
            ]
        case .createdAt, .timeInState:
            return ["state.current?.createdAt == \(instant(current?.createdAt))"]
        case .firstCreatedAt: return ["state.firstCreatedAt == \(instant(state.firstCreatedAt))"]
        case .lastCreatedAt: return ["state.lastCreatedAt == \(instant(state.lastCreatedAt))"]
        case .eventCount: return ["state.eventCount == \(SwiftText.integer(state.eventCount))"]
        case .isTerminal: return [state.isTerminal ? "state.isTerminal" : "!state.isTerminal"]
        case .reopenedCount:
            return ["state.reopenedCount == \(SwiftText.integer(state.reopenedCount))"]
        case .errorStage:
            return ["state.lastError?.stage == \(SwiftText.optional(state.lastError?.stage))"]
        case .errorCode:
            return ["state.lastError?.code == \(SwiftText.optional(state.lastError?.code))"]
        case .errorMessage:
            return ["state.lastError?.message == \(SwiftText.optional(state.lastError?.message))"]
        case .anomalyCount:
            let count = state.anomalies.totalCount
            return ["state.anomalies.totalCount == \(SwiftText.integer(count))"]
        case .anomalies: return anomalies
        case .stages: return state.stages.flatMap { lines(of: $0) }
        }
    }

    private func lines(of stage: PipelineStageState) -> [String] {
        let name = "state[stage: \(SwiftText.text(stage.name))]?"
        var lines = [
            "\(name).status == \(SwiftText.status(stage.status))",
            "\(name).attempt == \(SwiftText.integer(stage.attempt))",
            "\(name).eventCount == \(SwiftText.integer(stage.eventCount))",
            "\(name).failureCount == \(SwiftText.integer(stage.failureCount))",
        ]
        if let duration = stage.lastDurationMilliseconds {
            lines.append("\(name).lastDurationMilliseconds == \(SwiftText.integer(duration))")
        }
        return lines
    }

    private func instant(_ instant: Timestamp?) -> String {
        guard let instant else { return "nil" }
        if instant == start.instant { return start.name }
        return "\(start.name).adding(\(SwiftText.span(instant.since(start.instant))))"
    }
}
