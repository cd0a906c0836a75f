internal import CairnCore

/// An event of the recorded history, of the hypothetical one, or of both.
public struct OverlaidEvent<Event: Sendable>: Sendable {
    /// What became of an event.
    public enum Change: String, Hashable, Sendable, CaseIterable {
        case kept, dropped, inserted, edited
    }

    public let change: Change
    /// The event as it was recorded; nil for one that is inserted.
    public let recorded: MachineStep<Event>?
    /// The event of the hypothetical history; nil for one that is dropped, or passed over.
    public let event: Event?

    /// The recorded event; nil where there is none, or it is passed over.
    public var recordedEvent: Event? { recorded?.event }
}

extension Overlay {
    /// Lays the changes over a history.
    ///
    /// - Parameters:
    ///   - steps: The whole recorded history of a stream, in its order.
    ///   - machine: Who reads events.
    /// - Returns: The events of both histories, each once, in their order: insertions follow the
    ///   event that they come after, also where that is dropped.
    /// - Throws: ``OverlayError``.
    public func applied<Rules: InspectableMachine>(
        to steps: [MachineStep<Rules.Event>],
        of machine: Rules
    ) throws(OverlayError) -> [OverlaidEvent<Rules.Event>] {
        var dropped: Set<Int> = []
        var edited: [Int: Rules.Event] = [:]
        // By the event they follow, counted from 1, so that 0 is before all.
        var inserted: [Int: [Rules.Event]] = [:]
        for edit in edits {
            switch edit {
            case .drop(let place):
                let index = try Self.index(of: place, in: steps)
                guard edited[index] == nil, dropped.insert(index).inserted else {
                    throw .changedTwice(place)
                }
            case .merge(let patch, let place):
                let index = try Self.index(of: place, in: steps)
                guard edited[index] == nil, !dropped.contains(index) else {
                    throw .changedTwice(place)
                }
                edited[index] = try Self.merged(patch, into: steps[index], place, by: machine)
            case .insert(let document, let place):
                let follows = try Self.count(upTo: place, in: steps)
                let neighbour = steps.isEmpty ? nil : steps[max(follows - 1, 0)]
                do throws(EventDocumentError) {
                    let instant = neighbour?.occurredAt ?? .unixEpoch
                    let event = try machine.event(from: document, at: instant)
                    inserted[follows, default: []].append(event)
                } catch {
                    throw .event(nil, error)
                }
            }
        }
        func insertions(after count: Int) -> [OverlaidEvent<Rules.Event>] {
            (inserted[count] ?? []).map {
                OverlaidEvent(change: .inserted, recorded: nil, event: $0)
            }
        }
        var events = insertions(after: 0)
        for (index, step) in steps.enumerated() {
            let change: OverlaidEvent<Rules.Event>.Change =
                dropped.contains(index) ? .dropped : edited[index] == nil ? .kept : .edited
            let event = change == .dropped ? nil : edited[index] ?? step.event
            events.append(OverlaidEvent(change: change, recorded: step, event: event))
            events += insertions(after: index + 1)
        }
        return events
    }

    private static func merged<Rules: InspectableMachine>(
        _ patch: JSONValue,
        into step: MachineStep<Rules.Event>,
        _ place: OverlayPlace,
        by machine: Rules
    ) throws(OverlayError) -> Rules.Event {
        guard let event = step.event else { throw .passedOver(place) }
        guard case .object = patch else { throw .event(place, .notAnObject) }
        let document = machine.document(of: event)
        let merged = document.merging(patch)
        // What says the same stays byte for byte what it was.
        do throws(EventDocumentError) {
            let read = try machine.event(from: merged, at: step.occurredAt)
            return merged.saysTheSame(as: document) ? event : read
        } catch {
            throw .event(place, error)
        }
    }

    private static func index<Event>(
        of place: OverlayPlace,
        in steps: [MachineStep<Event>]
    ) throws(OverlayError) -> Int {
        let count = try count(upTo: place, in: steps)
        guard count > 0 else { throw unknown(place, in: steps) }
        return count - 1
    }

    /// How many events there are up to a place, the one at it included.
    private static func count<Event>(
        upTo place: OverlayPlace?,
        in steps: [MachineStep<Event>]
    ) throws(OverlayError) -> Int {
        guard let place else { return steps.count }
        let found: Int? =
            switch place {
            case .sequence(.zero): -1
            case .sequence(let sequence): steps.firstIndex { $0.sequence == sequence }
            case .position(let position): steps.firstIndex { $0.position == position }
            }
        guard let found else { throw unknown(place, in: steps) }
        return found + 1
    }

    private static func unknown<Event>(
        _ place: OverlayPlace,
        in steps: [MachineStep<Event>]
    ) -> OverlayError {
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
