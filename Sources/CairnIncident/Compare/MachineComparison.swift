public import CairnCore
public import CairnJournal

/// Two machines over the same journal: where the new one parts from the old one, and why.
///
/// What tonight's deploy changes for the streams that there are is known before it: each stream
/// is folded by both machines, and their states are compared after every event.
///
/// ```swift
/// let comparison = MachineComparison(journal, from: BoxOffice(), to: NewBoxOffice())
/// let report = try await comparison.report()
/// for group in report.groups { print(group.streamCount, group.cause.fields) }
/// ```
///
/// States are the same if their documents are (`InspectableMachine.document(of:)`), with members
/// in any order, so that the machines may be of two types, and keep what they know in two ways.
/// The streams are those of the old machine's kind; events that were removed are left out.
public struct MachineComparison<Old: InspectableMachine, New: InspectableMachine>: Sendable {
    public let journal: any Journal
    public let old: Old
    public let new: New
    /// The last position to see; nil for all that there is when a comparison starts.
    public let asOf: Position?

    /// What may differ.
    public var ignored: [FieldPattern] = []
    /// Brings a document of the old machine into the form that the new one's have, such as under
    /// new names; nil where they have one form.
    public var translation: (@Sendable (JSONValue) -> JSONValue)?
    /// The members of an event's document by which diverging streams are grouped.
    public var groupedBy: [String] = []
    /// Whether a stream has not ended, asked of its last states; nil where streams never end.
    public var isInFlight: (@Sendable (Old.State, New.State) -> Bool)?
    /// Which streams are reported, by their names and last states; nil for all.
    public var isSelected: (@Sendable (StreamID, Old.State, New.State) -> Bool)?
    /// How many streams of each group are shown whole.
    public var exampleCountMax = 3
    /// How many folds share the streams; each of them reads the whole journal.
    public var foldCount = 2

    /// A quick way to see that two states have the same document, so that none is made.
    ///
    /// False says nothing. Of machines of one type, states that are equal are the same.
    public var isSurelySame: @Sendable (Old.State, New.State) -> Bool
    /// What the new machine reads where the old one reads an event, so that no event is read
    /// twice; nil where it must be asked.
    public var sharedReading: (@Sendable (Old.Event) -> New.Event)?

    /// How far the machines are known to do the same; nil where nothing is known.
    var agreement: MachinePair<Old, New>.Agreement?

    /// Compares machines of one type with other rules, or of two types.
    public init(_ journal: any Journal, from old: Old, to new: New, asOf: Position? = nil) {
        (self.journal, self.old, self.new, self.asOf) = (journal, old, new, asOf)
        if new is Old {
            isSurelySame = { old, new in
                guard let new = new as? Old.State else { return false }
                return new == old
            }
        } else {
            isSurelySame = { _, _ in false }
        }
    }

    /// The machines as one, for the streams of a share.
    func pair(_ share: StreamShare = .all) -> MachinePair<Old, New> {
        MachinePair(
            old: old,
            new: new,
            shared: sharedReading,
            agreement: translation == nil ? agreement : nil,
            share: share
        )
    }

    /// What the states of a stream differ in.
    func differences(of state: MachinePair<Old, New>.State) -> [Difference] {
        if state.isOne { return [] }
        if translation == nil, isSurelySame(state.old, state.new) { return [] }
        let before = old.document(of: state.old)
        return Difference.all(
            from: translation.map { $0(before) } ?? before,
            to: new.document(of: state.new)
        ).filter { difference in
            !ignored.contains { $0.covers(difference.path) }
        }
    }

    /// How the machines differ after an event; nil where they do not.
    func split(
        after step: MachineStep<MachinePair<Old, New>.Event>,
        _ state: MachinePair<Old, New>.State
    ) -> Split? {
        let old = step.event?.old.outcome ?? .passedOver
        let new = step.event?.new.outcome ?? .passedOver
        // What a machine could not read it could not fold either: that is no difference of rules.
        let isReadable = old != .unreadable && new != .unreadable
        let differences = isReadable ? differences(of: state) : []
        guard old != new || !differences.isEmpty else { return nil }
        let document = eventDocument(step)
        let cause = DivergenceCause(
            type: step.type,
            members: groupedBy.map { JSONMember($0, document[$0] ?? .null) },
            oldReading: old,
            newReading: new,
            fields: Self.fields(differences)
        )
        return Split(cause: cause, event: document, differences: differences)
    }

    /// A divergence without its place.
    struct Split {
        let cause: DivergenceCause
        let event: JSONValue
        let differences: [Difference]
    }

    private func eventDocument(
        _ step: MachineStep<MachinePair<Old, New>.Event>
    ) -> JSONValue {
        if case .event(let event)? = step.event?.old { return old.document(of: event) }
        if case .event(let event)? = step.event?.new { return new.document(of: event) }
        return .null
    }

    private static func fields(_ differences: [Difference]) -> [String] {
        let fields = Set(differences.map { ExactText($0.path.withoutIndices.description) })
        return fields.map(\.text).sorted { $0.hasBytes(before: $1) }
    }
}
