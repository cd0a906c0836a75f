internal import CairnCore
internal import CairnJournal

/// The whole index as one view sees it: the tables, completed by the tail.
struct IndexView {
    let tables: IndexTables
    let tail: IndexTail
    /// The tail's segments when the view began, oldest first.
    let segments: [TailSegment]
    /// How often the tail had let go of entries when the view began.
    let generation: UInt64
    /// The last position that the view sees.
    let last: Position

    func number(of stream: StreamID) throws(JournalError) -> StreamNumber? {
        let known = tail.monitor.withLock { bornInTail(stream) ?? tail.knownNumber(of: stream) }
        // A number of a later view, or of an open batch, is not there yet for this one.
        if let known { return known.firstPosition <= last ? known : nil }
        guard let number = try tables.number(of: stream), number.firstPosition <= last else {
            return nil
        }
        tail.monitor.withLock { tail.remember(stream, number) }
        return number
    }

    /// The number of one of many streams, which nobody may ask for again.
    func number(of stream: StreamID, _ names: Cursor) throws(JournalError) -> StreamNumber? {
        var number = tail.monitor.withLock { bornInTail(stream) }
        if number == nil { number = try tables.number(of: stream, names) }
        return number.flatMap { $0.firstPosition <= last ? $0 : nil }
    }

    /// Only inside the monitor.
    private func bornInTail(_ stream: StreamID) -> StreamNumber? {
        for segment in segments.reversed() {
            if let number = segment.born.number(of: stream) { return number }
        }
        return nil
    }

    /// Adds the positions of all events of a stream, in order.
    func appendPositions(
        of number: StreamNumber,
        to positions: inout [Position],
        _ slices: Cursor
    ) throws(JournalError) {
        try tables.appendPositions(of: number, to: &positions, slices)
        tail.monitor.withLock {
            for segment in segments {
                let next = UInt64(positions.count) + 1
                segment.events.appendPositions(of: number, next...UInt64.max, to: &positions)
            }
        }
    }

    func lastSequence(of number: StreamNumber) throws(JournalError) -> SequenceNumber {
        let inTail: SequenceNumber? = tail.monitor.withLock {
            for segment in segments.reversed() {
                if let found = segment.events.lastSequence(of: number, upTo: last) {
                    return found
                }
            }
            return nil
        }
        if let inTail { return inTail }
        return try tables.lastSequence(of: number)
    }

    /// Where the event with an id stands.
    ///
    /// `notingOthers`: of an id that is absent, the tail is told what other ids of its prefix there
    /// are, so that who appends more of them need not ask the tables.
    func position(
        of id: EventIDKey,
        notingOthers isToNote: Bool
    ) throws(JournalError) -> Position? {
        let (found, isAbsent): (Position?, Bool) = tail.monitor.withLock {
            var isAbsent = false
            for segment in segments {
                let known = segment.events.position(of: id)
                if let position = known.position, position <= last { return (position, false) }
                if known.absentGeneration == generation { isAbsent = true }
            }
            return (nil, isAbsent)
        }
        if let found { return found }
        if isAbsent { return nil }
        switch try tables.position(of: id, tellingOthers: isToNote) {
        case .found(let position): return position <= last ? position : nil
        case .absent(nil): return nil
        case .absent(let others?):
            tail.monitor.withLock {
                // Nothing was dropped from the tail since the view began, so the tail still has
                // every event that the view's tables may lack: the answer stays true.
                guard generation == tail.generation,
                    tail.active.events.prefixCount < tail.segmentEventCountMax
                else { return }
                tail.active.note(id.prefix, hasOnly: others, at: generation)
            }
            return nil
        }
    }

    /// The positions of a run of a stream's events, in order.
    ///
    /// `sequences`: all of them exist in this view.
    /// - Throws: `JournalError`.
    func positions(
        of number: StreamNumber,
        _ sequences: ClosedRange<UInt64>
    ) throws(JournalError) -> [Position] {
        var found: [Position] = []
        found.reserveCapacity(sequences.count)
        var wanted = sequences.lowerBound
        while wanted <= sequences.upperBound {
            let sequence = SequenceNumber(rawValue: wanted)
            guard let slice = try tables.streamSlice(of: number, atOrBefore: sequence) else {
                break
            }
            // The slice starts at or before what is wanted; that is what was asked for.
            let skipped = wanted - slice.first.rawValue
            guard skipped < UInt64(slice.positions.count) else { break }
            let count = min(
                UInt64(slice.positions.count) - skipped,
                sequences.upperBound - wanted + 1
            )
            found += slice.positions[Int(skipped)..<Int(skipped + count)]
            wanted += count
        }
        tail.monitor.withLock {
            for segment in segments where wanted <= sequences.upperBound {
                let count = found.count
                segment.events
                    .appendPositions(of: number, wanted...sequences.upperBound, to: &found)
                wanted += UInt64(found.count - count)
            }
        }
        guard wanted > sequences.upperBound else {
            throw .damaged(
                path: tables.transaction.environment.path,
                reason: "the index lacks sequence \(wanted) of stream \(number.rawValue)"
            )
        }
        return found
    }
}
