public import CairnCore

/// What a stream of a machine shows at the end of its history, and the events that show it.
public struct MachineCase<Rules: InspectableMachine>: Sendable {
    /// An event of the stream.
    public typealias Step = MachineStep<Rules.Event>

    public let machine: Rules
    public let stream: StreamID
    /// What holds of the stream's state.
    public let predicate: Predicate<Rules.Standing>
    /// The whole history, without events that were removed and those that are passed over.
    public let steps: [Step]
    private let now: Timestamp

    /// Finds out whether a predicate holds of a stream.
    ///
    /// - Parameters:
    ///   - history: What happened to the stream.
    ///   - machine: Its rules.
    ///   - now: The instant that ages count from.
    ///   - predicate: What the test is to show.
    /// - Throws: ``MachineCaseError/notSo(_:)``.
    public init(
        _ history: StreamHistory<Rules>,
        of machine: Rules,
        now: Timestamp,
        keeping predicate: Predicate<Rules.Standing>
    ) throws(MachineCaseError) {
        self.machine = machine
        self.now = now
        self.predicate = predicate
        (stream, steps) = (history.stream, history.steps)
        guard shows(steps) else { throw .notSo(stream) }
    }

    /// Whether the predicate holds of the state after some events.
    ///
    /// - Complexity: A fold of the events.
    public func shows(_ steps: [Step]) -> Bool {
        let state = state(after: steps.compactMap(\.event))
        return !steps.isEmpty && predicate.matches(machine.standing(state, of: stream, now: now))
    }

    func state(after events: [Rules.Event]) -> Rules.State {
        var state = machine.initial
        for event in events { machine.evolve(&state, by: event) }
        return state
    }
}

/// Why no test is made of a stream.
public enum MachineCaseError: Error, Hashable, Sendable {
    /// The predicate does not hold of the whole history.
    case notSo(StreamID)
    /// The machine does not read events from JSON.
    case notReadable(StreamKind)
    /// With stand-ins the event is none of the machine's.
    case notAnEvent(position: Position, EventDocumentError)
    /// With stand-ins the events come to another state.
    case otherState(member: JSONPath)
    /// Its times are so far apart that they cannot be moved.
    case timesTooFarApart(StreamID)
}

extension MachineCaseError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notSo(let stream): "the predicate does not hold of \(stream)"
        case .notReadable(let kind): BundleError.notReadable(kind).description
        case .notAnEvent(let position, let error):
            BundleError.notAnEvent(position: position, error).description
        case .otherState(let member):
            "with stand-ins the events make another state, in '\(member)'"
        case .timesTooFarApart(let stream):
            "the times of \(stream) are too far apart to be moved to others"
        }
    }
}
