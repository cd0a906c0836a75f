import Benchmark
import CBaselines
import Cairn

/// The machine of the built-in pipeline: what it decides, and what its events mean to it.
enum PipelineLoops {
    static func register() {
        Loop("pipeline: evolve by one event", .thousandCalls)
            .measure(on: PipelineTurns.init) { benchmark, turns in
                let (machine, events) = (turns.machine, turns.events)
                let requestIndexes = turns.requestIndexes
                var states = [PipelineState](
                    repeating: machine.initial,
                    count: turns.expectedStates.count
                )
                benchmark.clocked {
                    for (event, request) in zip(events, requestIndexes) {
                        machine.evolve(&states[request], by: event)
                    }
                }
                return Comparison(states == turns.expectedStates, true)
            }
        Loop("pipeline: decide one command", .thousandCalls)
            .measure(on: PipelineTurns.init) { benchmark, turns in
                let (machine, commands, states) =
                    (turns.machine, turns.commands, turns.statesBefore)
                let context = TurnContext(now: turns.events[0].createdAt)
                var decided: [PipelineEvent] = []
                decided.reserveCapacity(commands.count)
                try benchmark.clocked {
                    for (command, state) in zip(commands, states) {
                        decided += try machine.decide(command, in: state, context: context)
                    }
                }
                return Comparison(decided == turns.events, true)
            }
    }
}

/// A thousand commands of whole requests, what they lead to, and the states before and after.
final class PipelineTurns {
    let machine = PipelineMachine()
    let requestIndexes: [Int]
    let commands: [PipelineCommand]
    let events: [PipelineEvent]
    let statesBefore: [PipelineState]
    /// The states after a fold of the events as they are read back from their stored form.
    let expectedStates: [PipelineState]

    init() throws {
        let requests = Requests(count: Loop.callsPerSample)
        let headers = (0..<requests.count).map(requests.header)
        requestIndexes = headers.map { Int($0.stream) - 1 }
        commands = headers.map(Self.command)
        events = headers.map(Self.event)
        let requestCount = requests.count / Requests.eventsPerRequest
        var states = [PipelineState](repeating: machine.initial, count: requestCount)
        var statesBefore: [PipelineState] = []
        for (event, request) in zip(events, requestIndexes) {
            let stored = event.encoded()
            let read = try PipelineEvent(stored.span.bytes, occurredAt: event.createdAt)
            statesBefore.append(states[request])
            machine.evolve(&states[request], by: read)
        }
        self.statesBefore = statesBefore
        expectedStates = states
    }

    private static func command(_ header: cb_header) -> PipelineCommand {
        var report = PipelineReport(
            tenant: String(cString: cb_tenant_name(header.tenant)),
            stage: String(cString: cb_stage_name(header.stage))
        )
        report.eventType = String(cString: cb_event_type_name(header.event_type))
        report.sequenceNumber = Int64(header.sequence)
        report.attempt = Int64(header.attempt)
        report.durationMilliseconds = Int64(header.duration_ms)
        report.createdAt = Timestamp(nanoseconds: header.recorded_at_ns)
        if header.retry_at_ns != 0 {
            report.nextRetryAt = Timestamp(nanoseconds: header.retry_at_ns)
        }
        return PipelineCommand(verb(Int(header.status)), report)
    }

    private static func verb(_ status: Int) -> PipelineCommand.Verb {
        switch status {
        case Int(CB_STATUS_STARTED): .recordStart
        case Int(CB_STATUS_COMPLETED): .recordCompletion
        case Int(CB_STATUS_FAILED): .recordFailure
        case Int(CB_STATUS_SKIPPED): .recordSkip
        default: .recordRetry
        }
    }

    /// What the command of the same header must lead to.
    private static func event(_ header: cb_header) -> PipelineEvent {
        let command = command(header)
        var event = PipelineEvent(
            tenant: command.report.tenant,
            stage: command.report.stage,
            eventType: command.report.eventType ?? "",
            status: command.verb.status,
            createdAt: Timestamp(nanoseconds: header.recorded_at_ns)
        )
        event.sequenceNumber = command.report.sequenceNumber
        event.attempt = Int64(header.attempt)
        event.durationMilliseconds = command.report.durationMilliseconds
        event.nextRetryAt = command.report.nextRetryAt
        switch command.verb {
        case .recordStart: event.startedAt = event.createdAt
        case .recordCompletion, .recordFailure: event.completedAt = event.createdAt
        case .recordSkip, .recordRetry, .scheduleRetry: break
        }
        return event
    }
}
