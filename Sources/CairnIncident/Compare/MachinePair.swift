internal import CairnCore

/// Two machines as one: each event is read and folded by both.
///
/// What both pass over is passed over; what neither can read stops the fold, as it would stop
/// each of them.
struct MachinePair<Old: InspectableMachine, New: InspectableMachine>: InspectableMachine {
    /// What each of the two reads in one event.
    struct Event: Sendable {
        let old: MachineReading<Old.Event>
        let new: MachineReading<New.Event>
    }

    /// The states of one stream, each as far as its machine could read.
    struct State: Hashable, Sendable {
        var old: Old.State
        var new: New.State
        var isOldReadable = true
        var isNewReadable = true
        /// Whether both machines have the same state, because nothing came that they could have
        /// taken differently; false says nothing.
        var isOne = false
    }

    /// How far the machines are known to do the same.
    struct Agreement: Sendable {
        /// The new machine's state that is the same as one of the old machine.
        let state: @Sendable (Old.State) -> New.State
        /// Whether both take an event into the same state in the same way.
        let covers: @Sendable (Old.Event) -> Bool
    }

    let old: Old
    let new: New
    /// What the new machine reads where the old one reads an event; nil where that must be seen.
    let shared: (@Sendable (Old.Event) -> New.Event)?
    /// How far they are known to do the same; nil where nothing is known.
    let agreement: Agreement?
    /// Which streams are folded; others are passed over.
    var share = StreamShare.all

    var streamKind: StreamKind { old.streamKind }

    var initial: State {
        var state = State(old: old.initial, new: new.initial)
        if let agreement { state.isOne = agreement.state(state.old) == state.new }
        return state
    }

    func event(_ header: EventHeader, frame: RawSpan) throws(EventCodecError) -> Event? {
        guard share.contains(header.streamNumber) else { return nil }
        let reading = MachineReading(header, frame, by: old)
        let other = shared.map { reading.map($0) } ?? MachineReading(header, frame, by: new)
        switch (reading, other) {
        case (.passedOver, .passedOver): return nil
        case (.unreadable(let error), .unreadable): throw error
        default: return Event(old: reading, new: other)
        }
    }

    func evolve(_ state: inout State, by event: Event) {
        if state.isOne, let agreement, case .event(let known) = event.old, agreement.covers(known) {
            // Let go of first, so that what both have is changed in place and not copied.
            state.new = new.initial
            old.evolve(&state.old, by: known)
            state.new = agreement.state(state.old)
            return
        }
        state.isOne = false
        if state.isOldReadable { event.old.take(into: &state.old, &state.isOldReadable, by: old) }
        if state.isNewReadable { event.new.take(into: &state.new, &state.isNewReadable, by: new) }
    }

    func passOver(_ state: inout State) {
        state.isOne = false
        if state.isOldReadable { old.passOver(&state.old) }
        if state.isNewReadable { new.passOver(&state.new) }
    }
}

/// What a machine reads in a stored event.
enum MachineReading<Event: Sendable>: Sendable {
    case event(Event)
    case passedOver
    case unreadable(EventCodecError)

    init<Rules: InspectableMachine>(
        _ header: EventHeader,
        _ frame: RawSpan,
        by machine: Rules
    ) where Rules.Event == Event {
        do throws(EventCodecError) {
            self = try machine.event(header, frame: frame).map { .event($0) } ?? .passedOver
        } catch {
            self = .unreadable(error)
        }
    }

    /// The same of another kind of event.
    func map<Other>(_ transform: (Event) -> Other) -> MachineReading<Other> {
        switch self {
        case .event(let event): .event(transform(event))
        case .passedOver: .passedOver
        case .unreadable(let error): .unreadable(error)
        }
    }

    /// Takes the event into a state, or says that nothing more can be taken into it.
    func take<Rules: InspectableMachine>(
        into state: inout Rules.State,
        _ isReadable: inout Bool,
        by machine: Rules
    ) where Rules.Event == Event {
        switch self {
        case .event(let event): machine.evolve(&state, by: event)
        case .passedOver: machine.passOver(&state)
        case .unreadable: isReadable = false
        }
    }

    /// What was read, without the event.
    var outcome: ReadingOutcome {
        switch self {
        case .event: .read
        case .passedOver: .passedOver
        case .unreadable: .unreadable
        }
    }
}

/// Whether a machine made something of a stored event.
public enum ReadingOutcome: String, Hashable, Sendable, CaseIterable {
    case read
    /// The event says that it may be passed over, and was; or it was erased.
    case passedOver = "passed_over"
    /// The machine's own program cannot read it.
    case unreadable
}

/// One of several equal shares of a journal's streams, so that several folds divide them.
struct StreamShare: Hashable, Sendable {
    let index: UInt64
    let count: UInt64

    static let all = StreamShare(index: 0, count: 1)

    /// The shares into which streams are divided.
    static func shares(_ count: UInt64) -> [StreamShare] {
        (0..<count).map { StreamShare(index: $0, count: count) }
    }

    @inline(__always)
    func contains(_ stream: StreamNumber) -> Bool {
        count == 1 || stream.rawValue % count == index
    }
}
