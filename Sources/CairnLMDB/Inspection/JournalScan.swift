internal import CairnCore

/// What a scan keeps of each stream: 32 bytes with its number.
struct StreamTrace {
    var nameHash: UInt64 = 0
    var lastSequence: UInt64 = 0
    /// The stream's last event that the index tables must know.
    var indexedSequence: UInt64 = 0
}

/// The fold over all packs in order: checks them, and keeps what the index tables must say.
///
/// Memory: ``StreamTrace`` for each stream, and fingerprints of a fixed size.
final class JournalScan {
    private let head: HeadRecord
    private let log: DamageLog
    private(set) var eventCount: UInt64 = 0
    private(set) var streams = StreamMap<StreamTrace>()
    /// What the event id table must hold up to the indexed position.
    private(set) var eventIDs = FactSum()
    /// What the slices of streams must hold up to the indexed position.
    private(set) var sequences = FactSum()
    /// Events are missing or cannot be read, so nothing can be said about the tables.
    private(set) var hasGaps = false

    /// The next position; nil before the first pack of a journal that retention has shortened.
    private var expected: Position?
    /// Nil where a damaged pack, or retention, hides the hash before the next one.
    private var hash: RunningHash?
    private var lastRecordedAt = Timestamp.distantPast

    init(head: HeadRecord, log: DamageLog) {
        self.head = head
        self.log = log
        guard head.firstRetainedPosition == .first else { return }
        expected = .first
        hash = .zero
    }

    /// Takes the next value of the journal table.
    func add(key: RawSpan, pack: RawSpan, page: UInt64, reader: PageReader) {
        let stated =
            key.byteCount == 8 ? Position(rawValue: key.bigEndian(at: 0)) : (expected ?? .first)
        do throws(PackError) {
            let header = try PackHeader(inspecting: pack)
            guard key.byteCount == 8, header.lastPosition == stated else {
                throw .malformed("key")
            }
            // A pack that starts again before what was read would be folded twice.
            if let expected, header.firstPosition < expected { throw .malformed("position") }
            scan(header, pack, page: page, reader: reader)
        } catch {
            lose()
            let fault = reader.fault(page, error.reason)
            log.add(fault, position: expected ?? stated, table: Table.journal.label)
            if let expected { self.expected = max(expected, stated.next) }
        }
    }

    /// Compares the end with the head record.
    func finish() {
        let end = expected?.previous ?? head.firstRetainedPosition.previous
        if end != head.lastPosition {
            lose()
            log.add(
                "the journal ends after position \(end), its head record after "
                    + "\(head.lastPosition)",
                position: min(end, head.lastPosition).next
            )
        }
        guard !hasGaps else { return }
        if let hash, hash != head.runningHash {
            log.add("the running hash does not end in the head record's")
        }
        if eventCount > 0, lastRecordedAt != head.lastRecordedAt {
            log.add("the head record's last recorded time is not the last event's")
        }
    }

    private func lose() {
        hasGaps = true
        hash = nil
    }

    private func scan(_ header: PackHeader, _ pack: RawSpan, page: UInt64, reader: PageReader) {
        let table = Table.journal.label
        if let expected, header.firstPosition > expected {
            lose()
            log.add(
                "events \(expected) to \(header.firstPosition.previous) are missing",
                position: expected,
                table: table
            )
        } else if let hash, hash != header.previousHash {
            let fault = reader.fault(page, "the running hash does not continue")
            log.add(fault, position: header.firstPosition, table: table)
        }
        if expected == nil,
            !(header.firstPosition...header.lastPosition ~= head.firstRetainedPosition)
        {
            let reason = "the journal begins with other events than its head record says"
            log.add(reader.fault(page, reason), position: header.firstPosition, table: table)
        }
        hash = header.forEachFrame(in: pack) { position, reason in
            hasGaps = true
            log.add(reader.fault(page, reason), position: position, table: table)
        } body: { event, frame in
            if let flaw = fold(event, frame) {
                log.add(reader.fault(page, flaw), position: event.position, table: table)
            }
        }
        expected = header.lastPosition.next
    }

    /// Takes one event; the answer is what is wrong with it, or nil.
    private func fold(_ event: EventHeader, _ frame: RawSpan) -> String? {
        eventCount += 1
        var flaw: String?
        if event.recordedAt < lastRecordedAt { flaw = "the recorded time goes backwards" }
        lastRecordedAt = max(lastRecordedAt, event.recordedAt)

        let isIndexed = event.position <= head.indexedPosition
        let names = event.flags.contains(.namesStream)
        var trace = streams[event.streamNumber] ?? StreamTrace()
        let isNew = trace.lastSequence == 0
        let mayBeUnknown = hasGaps || event.streamNumber.firstPosition < head.firstRetainedPosition
        if names {
            trace.nameHash = FactSum.hash(frame.extracting(event.streamNameRange))
            if event.streamNumber.firstPosition != event.position
                || event.sequence.rawValue != 1 || event.streamNameRange.isEmpty || !isNew
            {
                flaw = "the event names a stream but is not its first"
            }
        } else if isNew ? !mayBeUnknown : event.sequence.rawValue <= trace.lastSequence {
            flaw = "its stream or its sequence cannot be"
        } else if !isNew, !hasGaps, event.sequence.rawValue - trace.lastSequence != 1 {
            flaw = "its stream goes from sequence \(trace.lastSequence) to \(event.sequence)"
        }
        trace.lastSequence = max(trace.lastSequence, event.sequence.rawValue)
        if isIndexed {
            trace.indexedSequence = event.sequence.rawValue
            sequences.add(
                event.streamNumber.rawValue,
                event.sequence.rawValue,
                event.position.rawValue
            )
        }
        streams[event.streamNumber, default: trace] = trace
        guard event.flags.contains(.hasEventID) == !event.eventIDRange.isEmpty else {
            return "its event id is empty or not announced"
        }
        if isIndexed, !event.eventIDRange.isEmpty {
            let name = FactSum.hash(id: frame.extracting(event.eventIDRange))
            eventIDs.add(name, event.position.rawValue)
        }
        return flaw
    }
}
