internal import CairnCore

/// An event of the recorded history, of the hypothetical one, or of both.
public struct OverlaidEvent<Event: Sendable>: Sendable {
    /// What became of an event.
    public enum Change: String, Hashable, Sendable, CaseIterable {
        case kept, dropped, inserted, edited
        /// The event's place in the recorded history, where the other one does not have it.
        case movedAway = "moved_away"
        /// The event's place in the hypothetical history.
        case movedHere = "moved_here"

        /// Whether the recorded history has an event there.
        public var isRecorded: Bool { self != .inserted && self != .movedHere }

        /// Whether the hypothetical history has an event there.
        public var isHypothetical: Bool { self != .dropped && self != .movedAway }
    }

    public let change: Change
    /// The event as it was recorded; nil for one that is inserted.
    public let source: MachineStep<Event>?
    /// The event of the hypothetical history; nil for one that is not there, or passed over.
    public let event: Event?

    /// The event as it was recorded there; nil where the recorded history has none.
    public var recorded: MachineStep<Event>? { change.isRecorded ? source : nil }

    /// The recorded event; nil where there is none, or it is passed over.
    public var recordedEvent: Event? { recorded?.event }
}

extension Overlay {
    /// Lays the changes over a history.
    ///
    /// - Parameters:
    ///   - steps: The whole recorded history of a stream, in its order.
    ///   - machine: Who reads events.
    /// - Returns: The events of both histories in their order, each once, but for one that is
    ///   moved, which stands at both its places: insertions follow the event that they come
    ///   after, also where that is not there any more.
    /// - Throws: ``OverlayError``.
    /// - Complexity: The events, and a search among them for each change.
    public func applied<Rules: InspectableMachine>(
        to steps: [MachineStep<Rules.Event>],
        of machine: Rules
    ) throws(OverlayError) -> [OverlaidEvent<Rules.Event>] {
        var plan = OverlayPlan(steps: steps, machine: machine)
        for edit in edits { try plan.take(edit) }
        return plan.events
    }
}

/// What changes come to, event by event.
private struct OverlayPlan<Rules: InspectableMachine> {
    typealias Laid = OverlaidEvent<Rules.Event>

    /// What comes after an event that it did not come after.
    enum Addition {
        case inserted(Rules.Event)
        case moved(Int)
    }

    let steps: [MachineStep<Rules.Event>]
    let machine: Rules
    private var dropped: Set<Int> = []
    private var moved: Set<Int> = []
    private var edited: [Int: Rules.Event] = [:]
    /// By the event they follow, counted from 1, so that 0 is before all.
    private var additions: [Int: [Addition]] = [:]

    init(steps: [MachineStep<Rules.Event>], machine: Rules) {
        (self.steps, self.machine) = (steps, machine)
    }

    mutating func take(_ edit: Overlay.Edit) throws(OverlayError) {
        switch edit {
        case .drop(let place):
            let index = try index(of: place)
            guard edited[index] == nil, !moved.contains(index), dropped.insert(index).inserted
            else { throw .changedTwice(place) }
        case .merge(let patch, let place):
            let index = try index(of: place)
            guard edited[index] == nil, !dropped.contains(index) else {
                throw .changedTwice(place)
            }
            edited[index] = try merged(patch, into: steps[index], place)
        case .insert(let document, let place):
            let follows = try count(upTo: place)
            let neighbour = steps.isEmpty ? nil : steps[max(follows - 1, 0)]
            do throws(EventDocumentError) {
                let instant = neighbour?.occurredAt ?? .unixEpoch
                let event = try machine.event(from: document, at: instant)
                additions[follows, default: []].append(.inserted(event))
            } catch {
                throw .event(nil, error)
            }
        case .move(let place, let target):
            let index = try index(of: place)
            let follows = try count(upTo: target)
            guard !dropped.contains(index), moved.insert(index).inserted else {
                throw .changedTwice(place)
            }
            additions[follows, default: []].append(.moved(index))
        }
    }

    var events: [Laid] {
        var events = added(after: 0)
        for (index, step) in steps.enumerated() {
            if moved.contains(index), !isAtHome(index) {
                events.append(Laid(change: .movedAway, source: step, event: nil))
            } else {
                let change: Laid.Change =
                    dropped.contains(index) ? .dropped : edited[index] == nil ? .kept : .edited
                let event = change == .dropped ? nil : edited[index] ?? step.event
                events.append(Laid(change: change, source: step, event: event))
            }
            events += added(after: index + 1)
        }
        return events
    }

    private func added(after count: Int) -> [Laid] {
        (additions[count] ?? []).compactMap { addition in
            switch addition {
            case .inserted(let event): return Laid(change: .inserted, source: nil, event: event)
            case .moved(let index) where isAtHome(index): return nil
            case .moved(let index):
                let step = steps[index]
                return Laid(change: .movedHere, source: step, event: edited[index] ?? step.event)
            }
        }
    }

    /// Whether an event is moved to where it stands: behind itself, or the one before it, with
    /// nothing in between.
    private func isAtHome(_ index: Int) -> Bool {
        [additions[index]?.last, additions[index + 1]?.first].contains { addition in
            if case .moved(index) = addition { true } else { false }
        }
    }

    private func merged(
        _ patch: JSONValue,
        into step: MachineStep<Rules.Event>,
        _ place: OverlayPlace
    ) throws(OverlayError) -> Rules.Event {
        guard let event = step.event else { throw .passedOver(place) }
        guard case .object = patch else { throw .event(place, .notAnObject) }
        let document = machine.editableDocument(of: event)
        let merged = document.merging(patch)
        // What says the same stays byte for byte what it was.
        do throws(EventDocumentError) {
            let read = try machine.event(from: merged, at: step.occurredAt)
            return merged.saysTheSame(as: document) ? event : read
        } catch {
            throw .event(place, error)
        }
    }

    private func index(of place: OverlayPlace) throws(OverlayError) -> Int {
        let count = try count(upTo: place)
        guard count > 0 else { throw unknown(place) }
        return count - 1
    }

    /// How many events there are up to a place, the one at it included.
    private func count(upTo place: OverlayPlace?) throws(OverlayError) -> Int {
        guard let place else { return steps.count }
        let found: Int? =
            switch place {
            case .sequence(.zero): -1
            case .sequence(let sequence): steps.firstIndex { $0.sequence == sequence }
            case .position(let position): steps.firstIndex { $0.position == position }
            }
        guard let found else { throw unknown(place) }
        return found + 1
    }

    private func unknown(_ place: OverlayPlace) -> OverlayError {
        let (first, last) = (steps.first?.sequence ?? .zero, steps.last?.sequence ?? .zero)
        return .unknownEvent(place, first: first, last: last)
    }
}

extension JSONValue {
    /// Whether two objects say the same where null is as good as nothing.
    fileprivate func saysTheSame(as other: JSONValue) -> Bool {
        guard case .object(let members) = self, case .object(let others) = other else {
            return self == other
        }
        func told(_ members: [JSONMember]) -> JSONValue {
            .object(members.filter { $0.value != .null })
        }
        return told(members) == told(others)
    }
}
