internal import CairnCore
internal import CairnDomains
internal import CairnJournal

/// Turns the frames of a page into rows, copied out of the journal.
struct TableFrameReader: Sendable {
    private(set) var found: [TableExportItem] = []
    /// The items that begin on the page: each is a row as a whole.
    private(set) var items: [(stream: StreamID, position: Position)] = []
    private(set) var erasedCount = 0
    private(set) var removedCount = 0
    private(set) var failure: (Position, EventCodecError)?

    private let table: ExportedTable
    private let removals: TableRemovals
    /// The table's streams; of sessions their names, too.
    private var streams: Set<StreamNumber> = []
    private var sessions: [StreamNumber: PromptSessionID] = [:]

    init(_ table: ExportedTable, _ removals: TableRemovals) {
        self.table = table
        self.removals = removals
    }

    /// Forgets what the page before had.
    mutating func beginPage() {
        found = []
        items = []
        erasedCount = 0
        removedCount = 0
    }

    /// Takes a frame of the journal; all of them, from the first one on.
    mutating func take(_ header: EventHeader, _ frame: RawSpan) -> PageFlow {
        if let name = header.streamID(in: frame) { meet(name, header) }
        guard streams.contains(header.streamNumber) else { return .proceed }
        do throws(EventCodecError) {
            // What was removed is not looked at any more.
            if try Removal.stored(header, frame: frame) != nil { return .proceed }
            guard !removals.cover(header) else {
                if isRow(header, frame) { removedCount += 1 }
                return .proceed
            }
            let item = try read(header, frame)
            if let item { found.append(item) }
            if item == nil, header.flags.contains(.isErased), isRow(header, frame) {
                erasedCount += 1
            }
            return .proceed
        } catch {
            failure = (header.position, error)
            return .stop
        }
    }

    private mutating func meet(_ name: StreamID, _ header: EventHeader) {
        let number = header.streamNumber
        switch table {
        case .interaction:
            if name.kind == ItemKey.streamKind || name.kind == InteractionMessage.streamKind {
                items.append((name, header.position))
            }
        case .touch: if name.kind == TouchMachine.streamKind { streams.insert(number) }
        case .system: if name.kind == SystemEvent.streamKind { streams.insert(number) }
        case .prompt, .promptSessions:
            guard name.kind == PromptSessionMachine.streamKind,
                let session = try? PromptSessionID(name.key)
            else { return }
            streams.insert(number)
            sessions[number] = session
        }
    }

    /// Whether an event of the table's streams is, or was, a row of the table: a session's owner is
    /// no row of its events, and they are none of the table of sessions.
    private func isRow(_ header: EventHeader, _ frame: RawSpan) -> Bool {
        let isOwner = header.type(in: frame).hasSameBytes(as: PromptSessionMachine.openedType)
        return switch table {
        case .touch, .interaction, .system: true
        case .prompt: !isOwner
        case .promptSessions: isOwner
        }
    }

    private func read(
        _ header: EventHeader,
        _ frame: RawSpan
    ) throws(EventCodecError) -> TableExportItem? {
        switch table {
        case .touch:
            guard case .logged(let touch)? = try TouchMachine().event(header, frame: frame) else {
                return nil
            }
            return .row(TouchTable.row(of: touch, header))
        case .interaction: return nil
        case .system:
            guard let event = try SystemEvent.read(header, frame: frame) else { return nil }
            return .row(SystemTable.row(of: event, header, header.eventID(in: frame)))
        case .prompt, .promptSessions:
            guard let session = sessions[header.streamNumber],
                let fact = try PromptSessionMachine().event(header, frame: frame)
            else { return nil }
            return item(fact, session, header)
        }
    }

    private func item(
        _ fact: PromptSessionFact,
        _ session: PromptSessionID,
        _ header: EventHeader
    ) -> TableExportItem? {
        switch fact {
        case .opened(let owner, _): .owner(session, owner)
        case .happened(let event):
            table == .prompt ? .row(PromptTable.row(of: event, session, header)) : nil
        case .removed: nil
        }
    }
}

extension TouchTable {
    static func row(of touch: Touch, _ header: EventHeader) -> TableExportRow {
        TableExportRow(
            position: header.position,
            id: touch.origin?.id,
            own: .null,
            cells: [
                .text(touch.uid.name),
                .name(touch.user),
                .document(touch.json),
                .real(
                    touch.createdAt,
                    kept: touch.origin?.text(column: Column.createdAt)
                ),
            ]
        )
    }
}

extension SystemTable {
    static func row(
        of event: SystemEvent,
        _ header: EventHeader,
        _ id: EventID?
    ) -> TableExportRow {
        let level = event.origin?.text(column: Column.level)
        return TableExportRow(
            position: header.position,
            id: event.origin?.id,
            own: .optional(eventID(of: event, header, id)),
            cells: [
                .time(header.occurredAt, kept: event.origin?.text(column: Column.createdAt)),
                .text(level.map { String(decoding: $0, as: UTF8.self) } ?? event.level.word),
                .text(event.type.name),
                event.leadID.map { .integer($0.rawValue) } ?? .null,
                event.payload.map { .json($0.bytes) } ?? .null,
            ]
        )
    }

    /// The id that the row does not tell; of an event without any one made of its position and of
    /// when it was recorded, so that those of two journals are not taken for each other.
    private static func eventID(
        of event: SystemEvent,
        _ header: EventHeader,
        _ id: EventID?
    ) -> String? {
        guard let id else {
            let recorded = String(header.recordedAt.nanoseconds, radix: 36)
            return "\(SourceTable.system.name)/@\(header.position)-\(recorded)"
        }
        if let rowID = event.origin?.id, eventName(rowID).utf8.elementsEqual(id.name.utf8) {
            return nil
        }
        return id.name
    }
}

extension PromptTable {
    static func row(
        of event: PromptEvent,
        _ session: PromptSessionID,
        _ header: EventHeader
    ) -> TableExportRow {
        let createdAt = event.origin?.text(column: Column.createdAt)
        // The instant of an event has not all bits of the number that it was read from.
        let seconds = createdAt.flatMap { Double(String(decoding: $0, as: UTF8.self)) }
        return TableExportRow(
            position: header.position,
            id: event.origin?.id,
            own: .null,
            cells: [
                .text(event.uid.name),
                .name(session.name),
                .text(event.act.kind.rawValue),
                .document(event.origin?.text(column: Column.data) ?? event.act.data),
                .real(
                    event.promptTime.seconds,
                    kept: event.origin?.text(column: Column.promptTime)
                ),
                .real(seconds ?? event.createdAt.touchSeconds, kept: createdAt),
            ]
        )
    }
}
