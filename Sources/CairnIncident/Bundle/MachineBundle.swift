public import CairnCore
internal import CairnJournal

/// Some streams of one machine as another journal is to hold them, so that they can be given to
/// somebody who is not to see whose they are.
///
/// Each event is told as JSON (`editableDocument(of:)`), every text in it is replaced by a keyed
/// stand-in but for words of the program (`isWord(_:)`), every number of more than four digits by
/// another one, and every time is moved; the machine reads it (`event(from:at:)`) and writes it
/// down. An event has its place among the others and its sequence in its stream. One that was
/// erased or removed, or that the machine passes over, is there without its content.
public struct MachineBundle<Rules: InspectableMachine>: BundledEvents {
    /// A stream of the bundle.
    struct Part: Sendable {
        let original: StreamID
        /// What it is called in the bundle.
        let name: StreamID
        /// The last event that was removed.
        let hidden: SequenceNumber
    }

    typealias Writing = @Sendable (Rules.Event) throws(LimitError) -> NewEvent

    public let beginsAt: Timestamp
    public private(set) var withheldCount = 0
    /// The original, up to the last position of it that is seen.
    let view: MachineView<Rules>
    let parts: [StreamNumber: Part]
    private(set) var pages: BundlePages
    var disguise: MachineDisguise
    /// What each id stands for that was handed over.
    private var ids: [EventID: EventID] = [:]
    private let writing: Writing?

    /// The kind of the streams, which stays.
    public var streamKind: StreamKind { view.machine.streamKind }
    public var streamCount: Int { parts.count }
    public var eventCount: Int { pages.positions.count }

    init(
        _ view: MachineView<Rules>,
        _ parts: [StreamNumber: Part],
        _ pages: BundlePages,
        _ disguise: MachineDisguise,
        beginsAt: Timestamp,
        writing: Writing?
    ) {
        self.view = view
        self.parts = parts
        self.pages = pages
        self.disguise = disguise
        self.beginsAt = beginsAt
        self.writing = writing
    }

    public mutating func nextEvents() async throws(BundleError) -> [IncidentBundle.Event] {
        var (disguise, pages, ids, bundle) = (disguise, pages, ids, self)
        let events = try await pages.next { header, frame throws(BundleError) in
            let event = try bundle.event(header, frame: frame, &disguise)
            // An id that the journal has twice is damage, which whoever writes finds.
            if let id = event.event.id, let original = header.eventID(in: frame),
                let known = ids.updateValue(original, forKey: id), known != original
            {
                throw .sameID(position: header.position)
            }
            return event
        }
        bundle.ids = ids
        bundle.disguise = disguise
        bundle.pages = pages
        bundle.withheldCount += events.count { $0.event.type == IncidentBundle.withheldType }
        self = bundle
        return events
    }

    /// The event that stands for another one.
    private func event(
        _ header: EventHeader,
        frame: RawSpan,
        _ disguise: inout MachineDisguise
    ) throws(BundleError) -> IncidentBundle.Event {
        guard let part = parts[header.streamNumber] else {
            throw .incident(.journal(.unknownStream(number: header.streamNumber.rawValue)))
        }
        let occurredAt = disguise.time(header.occurredAt)
        let recordedAt = disguise.time(header.recordedAt)
        let told = try content(header, frame, of: part, at: occurredAt, &disguise)
        let id = told == nil ? nil : disguise.id(header.eventID(in: frame))
        let event: NewEvent
        do throws(LimitError) {
            event = if let told { told } else { try IncidentBundle.withheld(at: occurredAt) }
        } catch {
            throw .tooLarge(position: header.position, error)
        }
        guard !disguise.hasLostTime else { throw .timeOutOfRange(position: header.position) }
        return IncidentBundle.Event(
            stream: part.name,
            event: NewEvent(event, id: id, occurredAt: occurredAt, recordedAt: recordedAt),
            position: header.position
        )
    }

    /// What the bundle tells of an event; nil for nothing.
    private func content(
        _ header: EventHeader,
        _ frame: RawSpan,
        of part: Part,
        at instant: Timestamp,
        _ disguise: inout MachineDisguise
    ) throws(BundleError) -> NewEvent? {
        guard header.sequence > part.hidden, !header.flags.contains(.isErased) else { return nil }
        guard let writing else {
            return NewEvent(EventRecord(header, frame: frame, stream: part.original))
        }
        let event: Rules.Event?
        do throws(EventCodecError) {
            event = try view.machine.event(header, frame: frame)
        } catch {
            throw .incident(.unreadable(position: header.position, error))
        }
        guard let event else { return nil }
        let document = disguise.value(view.machine.editableDocument(of: event))
        let other: Rules.Event
        do throws(EventDocumentError) {
            other = try view.machine.event(from: document, at: instant)
        } catch {
            throw error == .notReadable
                ? .notReadable(streamKind) : .notAnEvent(position: header.position, error)
        }
        do throws(LimitError) {
            return try writing(other)
        } catch {
            throw .tooLarge(position: header.position, error)
        }
    }
}
