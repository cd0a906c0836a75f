internal import CairnCore
internal import CairnDomains
internal import CairnEngine

/// The index of system events: where those of each level, each level of each type, and each level
/// of each lead stand, and when they happened.
///
/// Levels and types are few and their events many, so their lists are bits, 1,024 positions to an
/// entry. Leads are many and their events few: an entry has those of one lead and level among
/// 1,024 positions, with all that another filter asks. There are three levels only, so what is
/// asked for regardless of them is put together from three lists, and no event is in more lists
/// than it must. Instants mostly rise with positions and need not, so the span of instants in each
/// block is kept, and of 64 blocks, and so on: what is too early or too late is passed over in
/// bulk, whatever the order.
struct SystemEventProjection: Projection {
    let name = "cairn.system-events"
    let version: UInt32 = 2
    let isKnownByVersion = true

    /// A node of spans has 64 children.
    static let fanoutBitCount: UInt64 = 6
    /// The nodes of this level have no parents; each is for 2^34 positions.
    static let topLevel: UInt8 = 4

    private static let stream = try? SystemEvent.stream()
    private static let typePrefix = Array("system_event.".utf8)

    func concerns(_ header: EventHeader, _ frame: RawSpan) -> Bool {
        let type = frame.extracting(header.typeRange)
        let prefix = Self.typePrefix
        return type.byteCount > prefix.count
            && type.extracting(0..<prefix.count).equals(prefix.span.bytes)
    }

    func take(
        _ header: EventHeader,
        _ frame: RawSpan,
        of stream: StreamID?,
        into entries: inout ProjectionEntries<Self>
    ) throws(EventCodecError) {
        guard let stream, stream == Self.stream else { return }
        let position = header.position
        let event: SystemEvent?
        do throws(EventCodecError) {
            event = try SystemEvent.read(header, frame: frame, withPayload: false)
        } catch {
            add(position, to: .unreadable, &entries)
            return
        }
        guard let event else { return }
        let createdAt = header.occurredAt.nanoseconds
        addTime(createdAt, at: position, &entries)
        let level = event.level.rawValue
        let type = number(of: event.type, at: position, &entries)
        add(position, to: .level(level), &entries)
        add(position, to: .both(type: type, level: level), &entries)
        guard let lead = event.leadID else { return }
        let glance = LeadGlance(
            place: LeadBlock.place(of: position),
            type: type,
            createdAt: createdAt
        )
        let block = LeadBlock(containing: position)
        entries.update(.lead(lead.rawValue, level: level, block), since: block[0]) { value in
            var glances: [LeadGlance] = []
            if case .lead(let known)? = value { glances = known }
            value = nil
            glances.append(glance)
            value = .lead(glances)
        }
    }

    /// The number of a type: the position of its first event.
    private func number(
        of type: SystemEventType,
        at position: Position,
        _ entries: inout ProjectionEntries<Self>
    ) -> UInt64 {
        let key = Key.type(EventTypeName(type.name))
        if case .number(let known)? = entries.value(of: key) { return known }
        entries.set(.number(position.rawValue), for: key)
        return position.rawValue
    }

    private func add(
        _ position: Position,
        to term: SystemEventTerm,
        _ entries: inout ProjectionEntries<Self>
    ) {
        let block = EventBlock(containing: position)
        entries.update(.members(term, block), since: block[0]) { value in
            var members = BlockMembers()
            if case .members(let known)? = value { members = known }
            // The bits are changed in their place.
            value = nil
            members.insert(EventBlock.place(of: position))
            value = .members(members)
        }
    }

    private func addTime(
        _ createdAt: Int64,
        at position: Position,
        _ entries: inout ProjectionEntries<Self>
    ) {
        let block = EventBlock(containing: position)
        var isNew = false
        entries.update(.times(block), since: block[0]) { value in
            var times: [Int64] = []
            if case .times(let known)? = value { times = known } else { isNew = true }
            value = nil
            times.append(createdAt)
            value = .times(times)
        }
        guard isNew else { return }
        let last = entries.value(of: .last)
        entries.set(.number(block.rawValue), for: .last)
        guard case .number(let old)? = last else { return }
        close(EventBlock(rawValue: old), for: block, &entries)
    }

    /// Notes the span of a block that nothing comes to any more, and those of the nodes that end
    /// with it.
    private func close(
        _ block: EventBlock,
        for next: EventBlock,
        _ entries: inout ProjectionEntries<Self>
    ) {
        guard case .times(let times)? = entries.value(of: .times(block)),
            var span = EventSpan(times)
        else { return }
        var index = block.rawValue
        for level in 1...Self.topLevel {
            let parent = index >> Self.fanoutBitCount
            let child = ChildSpan(
                child: UInt8(index & (1 << Self.fanoutBitCount - 1)),
                span: span
            )
            entries.update(.spans(level: level, parent)) { value in
                var spans: [ChildSpan] = []
                if case .spans(let known)? = value { spans = known }
                value = nil
                spans.append(child)
                for other in spans { span.add(other.span) }
                value = .spans(spans)
            }
            guard next.rawValue >> (Self.fanoutBitCount * UInt64(level)) != parent else { return }
            index = parent
        }
    }
}
