internal import CairnCore
internal import CairnJournal

/// A journal as a list, written from the contract's words alone and as plainly as can be.
///
/// Everything is found by walking the list; a turn works on a copy of the whole. It shares no
/// code with any journal, so an error would have to be made twice to stay unseen.
struct JournalModel {
    struct Entry {
        let stream: StreamID
        let facts: EventFacts
    }

    private(set) var entries: [Entry] = []

    var facts: [EventFacts] { entries.map(\.facts) }
    var lastPosition: UInt64 { UInt64(entries.count) }
    var lastRecordedAt: Timestamp { entries.last?.facts.recordedAt ?? .distantPast }

    /// The streams in the order of their first events.
    var streams: [StreamID] {
        entries.filter { $0.facts.sequence.rawValue == 1 }.map(\.stream)
    }

    func facts(of stream: StreamID) -> [EventFacts] {
        entries.filter { $0.stream == stream }.map(\.facts)
    }

    func receipt(of id: EventID) -> Receipt? {
        guard let entry = entries.first(where: { $0.facts.id == id }) else { return nil }
        return Receipt(
            position: entry.facts.position,
            sequence: entry.facts.sequence,
            recordedAt: entry.facts.recordedAt,
            isDuplicate: true
        )
    }

    func position(at instant: Timestamp) -> Position {
        Position(rawValue: UInt64(entries.count { $0.facts.recordedAt <= instant }))
    }

    /// Appends to one stream; where it throws, the model may be half changed: use a copy.
    mutating func append(
        _ append: StreamAppend,
        now: Timestamp
    ) throws(JournalError) -> [Receipt] {
        let actual = SequenceNumber(rawValue: UInt64(facts(of: append.stream).count))
        var receipts: [Receipt] = []
        var isCompared = false
        for event in append.events {
            if let known = entries.first(where: { event.id != nil && $0.facts.id == event.id }) {
                receipts.append(try receipt(of: event, in: append.stream, known: known))
                continue
            }
            if !isCompared { try compare(append, with: actual) }
            isCompared = true
            receipts.append(add(event, to: append.stream, now: now))
        }
        if append.events.isEmpty { try compare(append, with: actual) }
        return receipts
    }

    private func compare(
        _ append: StreamAppend,
        with actual: SequenceNumber
    ) throws(JournalError) {
        let isMet =
            switch append.expected {
            case .any: true
            case .noneYet: actual.rawValue == 0
            case .exactly(let sequence): sequence == actual
            }
        guard isMet else {
            throw .sequenceConflict(
                stream: append.stream,
                expected: append.expected,
                actual: actual
            )
        }
    }

    private func receipt(
        of event: NewEvent,
        in stream: StreamID,
        known: Entry
    ) throws(JournalError) -> Receipt {
        guard let id = event.id, let receipt = receipt(of: id) else { throw .poisoned }
        guard known.facts.contentDigest == event.contentDigest else {
            throw .eventIDConflict(
                id: id,
                position: known.facts.position,
                stored: known.facts.contentDigest,
                given: event.contentDigest
            )
        }
        guard known.stream == stream else {
            throw .eventIDInOtherStream(
                id: id,
                position: known.facts.position,
                stream: known.stream
            )
        }
        return receipt
    }

    private mutating func add(
        _ event: NewEvent,
        to stream: StreamID,
        now: Timestamp
    ) -> Receipt {
        let position = UInt64(entries.count) + 1
        let earlier = facts(of: stream)
        let clock = max(now, lastRecordedAt)
        let place = EventPlace(
            position: Position(rawValue: position),
            streamNumber: earlier.first?.streamNumber ?? StreamNumber(rawValue: position),
            sequence: SequenceNumber(rawValue: UInt64(earlier.count) + 1),
            recordedAt: max(lastRecordedAt, min(event.recordedAt ?? clock, clock))
        )
        let facts = EventFacts(event, at: place, naming: earlier.isEmpty ? stream : nil)
        entries.append(Entry(stream: stream, facts: facts))
        return Receipt(
            position: place.position,
            sequence: place.sequence,
            recordedAt: place.recordedAt,
            isDuplicate: false
        )
    }
}
