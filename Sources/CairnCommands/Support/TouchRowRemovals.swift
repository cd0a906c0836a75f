internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal

/// Which rows of the touch log were removed, told by the removals themselves.
///
/// A removal stands behind what it covers, so whoever goes backwards through a journal meets it
/// first, and needs to read nothing beside that way.
final class TouchRowRemovals {
    /// The users' streams that were forgotten behind where the way is.
    private var forgotten: Set<StreamNumber> = []
    /// The latest instant before which rows were removed.
    private var truncatedBefore: Timestamp?
    private let truncations: StreamID?
    /// A removal that cannot be read: what it covers would be shown.
    private(set) var failure: IncidentError?

    init() { truncations = try? Removal.truncations(of: TouchMachine.streamKind) }

    /// Takes the event before the one that was taken last.
    ///
    /// - Returns: Whether it is a row that was removed.
    func cover(_ header: EventHeader, _ frame: [UInt8], _ stream: StreamID) -> Bool {
        do throws(EventCodecError) {
            if stream == truncations {
                let removal = try TruncationMachine().event(header, frame: frame.span.bytes)
                guard case .before(let instant)? = removal?.extent else { return false }
                truncatedBefore = max(truncatedBefore ?? instant, instant)
                return false
            }
            guard stream.kind == TouchMachine.streamKind else { return false }
            let removal = try Removal.stored(header, frame: frame.span.bytes)
            if removal?.extent == .stream { forgotten.insert(header.streamNumber) }
            guard removal == nil else { return false }
        } catch {
            failure = failure ?? .unreadable(position: header.position, error)
            return false
        }
        if forgotten.contains(header.streamNumber) { return true }
        guard let truncatedBefore else { return false }
        return header.occurredAt < truncatedBefore
    }
}
