internal import CairnCore
internal import CairnDomains

/// What a report of a machine's streams has besides the rows that its events are drawn as.
struct ReportStreams: Sendable {
    /// What an event did.
    struct Step: Sendable {
        /// The members of the state's document that it changed.
        let changes: [MemberChange]
        /// How it left the declared path; nil where it did not.
        let departure: DepartureKind?
        /// Whether the stream has ended after it.
        let hasEnded: Bool
    }

    /// A member's new value; nil where there is no such member any more.
    struct MemberChange: Sendable {
        let path: JSONPath
        let value: JSONValue?
    }

    let path: EventPath?
    /// The events of one stream after those of another.
    let steps: [[Step]]

    /// What can be odd about an event, where a path is declared.
    static let departures: [DepartureKind] = [.undeclaredStep, .anomaly(.unknownEventType)]
}

/// One stream, made ready for a report event by event.
struct ReportedStream {
    private(set) var rows: [EventRow] = []
    private(set) var steps: [ReportStreams.Step] = []

    /// Folds a stream.
    ///
    /// - Complexity: A document of the state, and its members, for each event that changes the
    ///   state; memory for what changes.
    init<Rules: InspectableMachine>(
        _ stream: StreamID,
        _ history: [MachineStep<Rules.Event>],
        of view: MachineView<Rules>
    ) {
        let machine = view.machine
        var state = machine.initial
        var members = StateMembers()
        // The state that was told last.
        var told: Rules.State?
        var walk = PathWalk(machine.declaredPath)
        // When what is at work in a lane began.
        var starts: [ExactText: Timestamp] = [:]
        for step in history {
            view.take(step, into: &state)
            guard machine.isSeen(state) else {
                (rows, steps) = ([], [])
                (members, told) = (StateMembers(), nil)
                (walk, starts) = (PathWalk(machine.declaredPath), [:])
                continue
            }
            guard let event = step.event else { continue }
            let name = machine.name(of: event)
            let departure = walk.take(name)
            // Making a document is slow. An event that was passed over before this one may
            // have changed the state, too.
            let changes = told == state ? [] : members.take(machine.document(of: state))
            told = state
            steps.append(
                ReportStreams.Step(
                    changes: changes,
                    departure: departure,
                    hasEnded: walk.hasEnded
                )
            )
            var row = machine.reportRow(of: event, occurredAt: step.occurredAt)
            row.noteDuration(&starts, recordedAt: step.recordedAt)
            let document = machine.document(of: event)
            rows.append(
                EventRow(
                    requestID: stream.key,
                    position: step.position,
                    sequence: step.sequence,
                    recordedAt: step.recordedAt,
                    event: row.event(
                        named: name,
                        document == .string(name) ? nil : document,
                        recordedAt: step.recordedAt
                    )
                )
            )
        }
    }
}

/// The members of a state's document, those within others by their paths.
struct StateMembers {
    private var values: [JSONPath: JSONValue] = [:]
    private var order: [JSONPath] = []

    /// Takes the next document.
    ///
    /// - Returns: The members that differ from those before: what is new or has another value in
    ///   the order of the document, and then what is gone.
    mutating func take(_ document: JSONValue) -> [ReportStreams.MemberChange] {
        var changes: [ReportStreams.MemberChange] = []
        var next: [JSONPath: JSONValue] = [:]
        var nextOrder: [JSONPath] = []
        for member in Difference.all(from: document, to: document, includesSame: true) {
            guard let value = member.after else { continue }
            next[member.path] = value
            nextOrder.append(member.path)
            guard values[member.path] != value else { continue }
            changes.append(ReportStreams.MemberChange(path: member.path, value: value))
        }
        for path in order where next[path] == nil {
            changes.append(ReportStreams.MemberChange(path: path, value: nil))
        }
        (values, order) = (next, nextOrder)
        return changes
    }
}
