internal import CairnCore
internal import CairnDomains
internal import CairnJournal

/// What the events of a bundle belong to, and how each becomes another one.
struct BundleContent: Sendable {
    /// A stream of the bundle.
    struct Part: Sendable {
        let original: StreamID
        /// What it is called in the bundle.
        let name: StreamID
    }

    let options: BundleOptions
    let removals: StreamRemovals
    let parts: [StreamNumber: Part]

    /// What an event says, by the kind of its stream.
    private enum Story {
        case row(PipelineEvent)
        case item(ItemEvent)
        case job(JobEvent)
        case link(StreamID, at: Timestamp)
        /// As it stands.
        case copy(NewEvent)
        /// There, and nothing is told of it.
        case withheld(at: Timestamp)

        var row: PipelineEvent? {
            guard case .row(let event) = self else { return nil }
            return event
        }
    }

    /// The event that stands for another one.
    func event(
        _ header: EventHeader,
        frame: RawSpan,
        _ disguise: inout BundleDisguise
    ) throws(BundleError) -> IncidentBundle.Event {
        guard let part = parts[header.streamNumber] else {
            throw .incident(.journal(.unknownStream(number: header.streamNumber.rawValue)))
        }
        let story = try story(header, frame: frame, of: part, &disguise)
        var id = header.eventID(in: frame)
        if case .withheld = story { id = nil }
        if !options.keepsPayloads { id = disguise.id(id, of: story.row, in: part.original) }
        let event: NewEvent
        do throws(PipelineEventError) {
            event = try Self.newEvent(story)
        } catch {
            switch error {
            case .limit(let limit): throw .tooLarge(position: header.position, limit)
            // What stands for metadata is JSON.
            case .metadata:
                throw .incident(.event(position: header.position, .malformed(offset: 0)))
            }
        }
        let recordedAt = disguise.time(header.recordedAt)
        guard !disguise.hasLostTime else { throw .timeOutOfRange(position: header.position) }
        return IncidentBundle.Event(
            stream: part.name,
            event: NewEvent(event, id: id, recordedAt: recordedAt),
            position: header.position
        )
    }

    private func story(
        _ header: EventHeader,
        frame: RawSpan,
        of part: Part,
        _ disguise: inout BundleDisguise
    ) throws(BundleError) -> Story {
        let withheld = Story.withheld(at: disguise.time(header.occurredAt))
        guard !removals.cover(header), !header.flags.contains(.isErased),
            !PipelineGate.isRemoval(header, frame: frame)
        else { return withheld }
        if options.keepsPayloads {
            return .copy(NewEvent(EventRecord(header, frame: frame, stream: part.original)))
        }
        if part.original.kind == PipelineEvent.streamKind {
            do throws(PipelineCodecError) {
                guard try PipelineGate.isRow(header, frame: frame) else { return withheld }
                return .row(disguise.event(try PipelineEvent(header, frame: frame)))
            } catch {
                throw .incident(.event(position: header.position, error))
            }
        }
        do throws(EventCodecError) {
            switch part.original.kind {
            case JobMachine.streamKind:
                let event = try JobMachine().event(header, frame: frame)
                return event.flatMap { disguise.event($0) }.map { .job($0) } ?? withheld
            case CustomerStream.streamKind:
                guard let link = try CustomerStream.interaction(header, frame: frame),
                    let other = disguise.stream(link)
                else { return withheld }
                return .link(other, at: disguise.time(header.occurredAt))
            default:
                let event = try ItemMachine().event(header, frame: frame)
                return event.map { .item(disguise.event($0)) } ?? withheld
            }
        } catch {
            throw .incident(.unreadable(position: header.position, error))
        }
    }

    private static func newEvent(_ story: Story) throws(PipelineEventError) -> NewEvent {
        if case .row(let event) = story { return try event.newEvent(id: nil) }
        do throws(LimitError) {
            switch story {
            case .item(let event): return try ItemMachine().newEvent(event)
            case .job(let event): return try JobMachine().newEvent(event)
            case .link(let stream, let at): return try CustomerStream.newEvent(for: stream, at: at)
            case .copy(let event): return event
            case .row(let event):
                return try NewEvent(
                    type: PipelineEvent.frameType,
                    occurredAt: event.createdAt,
                    payload: event.encoded()
                )
            case .withheld(let at): return try IncidentBundle.withheld(at: at)
            }
        } catch {
            throw .limit(error)
        }
    }
}
