public import CairnCore

/// Changes to the recorded history of one stream: laid over it in memory, never written.
///
/// Every event is named by its place in the recorded history, whatever else is changed, so the
/// order in which changes are given means nothing; but for what is inserted at one place, or moved
/// to it, which stands there in that order.
public struct Overlay: Hashable, Sendable {
    /// One change.
    public enum Edit: Hashable, Sendable {
        /// The event never happened.
        case drop(OverlayPlace)
        /// Another event happened right after one; nil for after the last.
        ///
        /// The object is what the machine's `event(from:at:)` reads. Where it does not say when
        /// it happened, that is when the one before it did.
        case insert(JSONValue, after: OverlayPlace?)
        /// The event said something else: the object is merged into the event's own as RFC 7396
        /// has it, objects member by member, with null for what is to be absent.
        case merge(JSONValue, into: OverlayPlace)
        /// The event happened at another time: right after one; nil for after the last.
        ///
        /// That is how a report looks that came late. What it says of itself stays as it was.
        case move(OverlayPlace, after: OverlayPlace?)
    }

    public var edits: [Edit]

    public init(_ edits: [Edit] = []) {
        self.edits = edits
    }

    /// The same changes, with a member in each event inserted that does not have it.
    func completing(_ member: String, with value: JSONValue?) -> Overlay {
        guard let value else { return self }
        return Overlay(
            edits.map { edit in
                guard case .insert(.object(let members), let place) = edit,
                    JSONValue.object(members)[member] == nil
                else { return edit }
                return .insert(.object(members + [JSONMember(member, value)]), after: place)
            }
        )
    }
}

/// A name of a recorded event.
public enum OverlayPlace: Hashable, Sendable {
    /// Its place in its stream, from 1; as a place to insert after, 0 is before the first.
    case sequence(SequenceNumber)
    /// Its place in the journal.
    case position(Position)
}

extension OverlayPlace: CustomStringConvertible {
    public var description: String {
        switch self {
        case .sequence(let sequence): "event \(sequence.rawValue)"
        case .position(let position): "the event at position \(position.rawValue)"
        }
    }
}

/// Why changes cannot be laid over a history.
public enum OverlayError: Error, Hashable, Sendable {
    /// The stream has no such event.
    case unknownEvent(OverlayPlace, first: SequenceNumber, last: SequenceNumber)
    /// Two changes are about the same event.
    case changedTwice(OverlayPlace)
    /// The event is passed over, and so there is nothing in it to change.
    case passedOver(OverlayPlace)
    /// What an event is to be changed to is none of the machine's events; nil for an inserted one.
    case event(OverlayPlace?, EventDocumentError)
}

extension OverlayError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownEvent(let place, let first, let last):
            "there is no \(place.description.trimmingArticle); the history has events "
                + "\(first.rawValue) to \(last.rawValue)"
        case .changedTwice(let place): "\(place) is dropped, edited or moved twice"
        case .passedOver(let place):
            "\(place) is passed over, as it was erased or may be ignored; it can be dropped or "
                + "moved and not edited"
        case .event(let place?, let error): "\(place) cannot be edited so: \(error)"
        case .event(nil, let error): "the event to insert is none: \(error)"
        }
    }
}

extension String {
    fileprivate var trimmingArticle: String {
        hasPrefix("the ") ? String(dropFirst(4)) : self
    }
}

extension JSONValue {
    /// The value with a patch merged into it, after RFC 7396.
    func merging(_ patch: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        var members: [JSONMember] = []
        if case .object(let known) = self { members = known }
        for change in changes {
            let index = members.lastIndex { $0.key.hasSameBytes(as: change.key) }
            guard change.value != .null else {
                if let index { members.remove(at: index) }
                continue
            }
            let old = index.map { members[$0].value } ?? .null
            let member = JSONMember(change.key, old.merging(change.value))
            if let index { members[index] = member } else { members.append(member) }
        }
        return .object(members)
    }
}
