public import CairnCore
public import CairnDomains

/// Jobs, as the incident tool looks into them; their items have streams of their own.
extension JobMachine: InspectableMachine {
    public func stream(of key: String) throws(LimitError) -> StreamID {
        try Self.stream(of: key)
    }

    public func name(of event: JobEvent) -> String {
        switch event.fact {
        case .runBegan: "run.began"
        case .runEnded(let end): "run.ended \(end.ending.word)"
        case .blockSettled: "block.settled"
        case .itemReopened: "item.reopened"
        case .paused: "job.paused"
        case .resumed: "job.resumed"
        case .cancelled: "job.cancelled"
        }
    }

    public func document(of event: JobEvent) -> JSONValue {
        .object(
            [
                JSONMember("type", .string(name(of: event))),
                JSONMember("at", .string(event.at.rfc3339)),
            ] + event.fact.members
        )
    }

    public func document(of state: JobState) -> JSONValue {
        let settled = state.blocks.values.reduce(into: (done: Int64(0), failed: Int64(0))) {
            $0.done &+= $1.doneCount
            $0.failed &+= $1.failedCount
        }
        let openRuns = state.openRuns.map { run in
            JSONMember("\(run.number)", .object([JSONMember("worker", .number("\(run.worker)"))]))
        }
        let reopened = state.reopened.keys.map(\.name).sorted { $0.hasBytes(before: $1) }
        return .object([
            JSONMember("job", JSONValue(state.name)),
            JSONMember("opened_at", JSONValue(state.openedAt?.rfc3339)),
            JSONMember("run_count", .number("\(state.runCount)")),
            JSONMember("open_runs", .object(openRuns)),
            JSONMember("last_run", JSONValue(count: state.lastEnd?.number)),
            JSONMember("last_ending", JSONValue(state.lastEnd?.ending.word)),
            JSONMember("last_ended_at", JSONValue(state.lastEndedAt?.rfc3339)),
            JSONMember("last_counts", state.lastEnd.map { .object($0.counts.members) } ?? .null),
            JSONMember("paused_by", JSONValue(state.pause?.by)),
            JSONMember("pause_reason", JSONValue(state.pause?.reason)),
            JSONMember("cancelled_by", JSONValue(state.cancellation?.by)),
            JSONMember("cancel_reason", JSONValue(state.cancellation?.reason)),
            JSONMember("settled_blocks", .number("\(state.blocks.count)")),
            JSONMember("settled_done", .number("\(settled.done)")),
            JSONMember("settled_failed", .number("\(settled.failed)")),
            JSONMember("reopened_keys", .array(reopened.map { .string($0) })),
            JSONMember("anomaly_count", .number("\(state.anomalyCount)")),
            JSONMember("event_count", .number("\(state.eventCount)")),
        ])
    }
}

extension JobEvent.Fact {
    /// What the event says besides its name.
    fileprivate var members: [JSONMember] {
        switch self {
        case .runBegan(let run):
            [
                JSONMember("run", .number("\(run.number)")),
                JSONMember("worker", .number("\(run.worker)")),
                JSONMember("item_count", JSONValue(PredicateValue.integer(run.itemCount))),
            ]
        case .runEnded(let end):
            [
                JSONMember("run", .number("\(end.number)")),
                JSONMember("item_count", JSONValue(PredicateValue.integer(end.itemCount))),
                JSONMember("counts", .object(end.counts.members)),
            ]
        case .blockSettled(let block, _):
            [
                JSONMember("block", .number("\(block.number)")),
                JSONMember("done", .number("\(block.doneCount)")),
                JSONMember("failed", .number("\(block.failedCount)")),
            ]
        case .itemReopened(let key): [JSONMember("idempotency_key", .string(key.name))]
        case .paused(let decision), .resumed(let decision), .cancelled(let decision):
            [
                JSONMember("by", .string(decision.by)),
                JSONMember("reason", .string(decision.reason)),
            ]
        }
    }
}

extension JobCounts {
    /// The counts under their names.
    fileprivate var members: [JSONMember] {
        [
            ("offered", offered), ("sent", sent), ("done", done), ("failed", failed),
            ("parked", parked), ("changed", changed), ("missing", missing), ("left", left),
            ("new", new),
        ].map { JSONMember($0, .number("\($1)")) }
    }
}
