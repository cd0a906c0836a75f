internal import CairnCore
internal import CairnJournal

/// Compares the slices of streams with the journal: which position each sequence stands at.
struct StreamSliceCheck {
    private static let table = Table.streamEvents.label

    let context: VerificationContext
    let scan: JournalScan

    /// What the walk has learnt of the stream it is in.
    private struct Progress {
        var number: UInt64?
        /// The next sequence that no slice has told yet.
        var next: UInt64 = 1
        var sum = FactSum()
        var seen: [Bool]
    }

    /// Walks the table, and once more to name false facts if its sum is not the journal's.
    ///
    /// - Parameter compares: Whether the journal was read whole.
    func run(compares: Bool) {
        guard let pending = context.pending(Self.table) else { return }
        let (sum, isWhole) = walk(ledger: nil, compares: compares, looksUpAll: false, pending)
        guard compares, isWhole else { return }
        pending.flush()
        guard sum != scan.sequences else { return }
        _ = walk(ledger: PageLedger(), compares: true, looksUpAll: true, pending)
        pending.flush()
    }

    private func walk(
        ledger: PageLedger?,
        compares: Bool,
        looksUpAll: Bool,
        _ pending: PendingFacts
    ) -> (FactSum, Bool) {
        var progress = Progress(seen: Array(repeating: false, count: scan.streams.count))
        var buffer: [UInt8] = []
        let isWhole = context.walk(Self.table, ledger: ledger) { node in
            guard compares else { return .proceed }
            do throws(PageFault) {
                let flaw = try node.read(with: context.reader, into: &buffer) { key, value in
                    take(key, value, page: node.valuePage, looksUpAll, pending, &progress)
                }
                // The second walk repeats the first, which has reported the flaw already.
                if let flaw, !looksUpAll { throw context.reader.fault(node.page.number, flaw) }
            } catch {
                context.log.add(error, table: Self.table)
            }
            return .proceed
        }
        guard compares, isWhole, !looksUpAll else { return (progress.sum, isWhole) }
        leave(&progress)
        let traces = scan.streams.values
        for (index, number) in scan.streams.numbers.enumerated()
        where !progress.seen[index] && traces[index].indexedSequence > 0 {
            context.log.add(
                "the stream has no slices",
                position: number.firstPosition,
                table: Self.table
            )
        }
        return (progress.sum, isWhole)
    }

    /// Ends a stream: its slices must have told every sequence up to the indexed position.
    private func leave(_ progress: inout Progress) {
        guard let number = progress.number.map(StreamNumber.init(rawValue:)),
            let index = scan.streams.index(of: number)
        else { return }
        progress.seen[index] = true
        guard progress.next <= scan.streams.values[index].indexedSequence else { return }
        context.log.add(
            "stream \(number.rawValue) is listed up to sequence \(progress.next - 1) only",
            position: number.firstPosition,
            table: Self.table
        )
    }

    /// Takes one slice; the answer is what is wrong with it, or nil.
    private func take(
        _ key: RawSpan,
        _ value: RawSpan,
        page: UInt64,
        _ looksUpAll: Bool,
        _ pending: PendingFacts,
        _ progress: inout Progress
    ) -> String? {
        guard key.byteCount == 16 else { return "a slice's key has \(key.byteCount) bytes" }
        let number = key.bigEndian(at: 0, as: UInt64.self)
        let first = key.bigEndian(at: 8, as: UInt64.self)
        if progress.number != number {
            if !looksUpAll { leave(&progress) }
            progress.number = number
            progress.next = 1
            // What stood before the first retained position cannot be compared any more.
            if number < context.head.firstRetainedPosition.rawValue { progress.next = first }
        }
        guard first >= 1, first <= progress.next else {
            return "stream \(number) has no slice from sequence \(progress.next) on"
        }
        guard let end = IndexRecords.contentByteCount(of: value, at: key) else {
            return "a slice of stream \(number) does not match its checksum"
        }
        let value = value.extracting(0..<end)
        var reader = ByteReader()
        do throws(TruncatedBytes) {
            let count = try reader.variable(in: value)
            guard count > 0, count <= UInt64(value.byteCount), first <= .max - count else {
                return "a slice of stream \(number) says it has \(count) events"
            }
            var position: UInt64 = 0
            for offset in 0..<count {
                let delta = try reader.variable(in: value)
                let (sum, overflow) = position.addingReportingOverflow(delta)
                guard !overflow, delta > 0, sum <= context.head.lastPosition.rawValue else {
                    return "a slice of stream \(number) leads out of the journal"
                }
                position = sum
                tell(number, first + offset, position, page: page, looksUpAll, pending, &progress)
            }
        } catch {
            return "a slice of stream \(number) ends early"
        }
        guard reader.offset == value.byteCount else {
            return "a slice of stream \(number) is longer than its events"
        }
        return nil
    }

    private func tell(
        _ number: UInt64,
        _ sequence: UInt64,
        _ position: UInt64,
        page: UInt64,
        _ looksUpAll: Bool,
        _ pending: PendingFacts,
        _ progress: inout Progress
    ) {
        guard position >= context.head.firstRetainedPosition.rawValue else {
            progress.next = max(progress.next, sequence + 1)
            return
        }
        // Slices may overlap after a flush that was repeated; a sum takes each fact once.
        let isIndexed = position <= context.head.indexedPosition.rawValue
        if isIndexed, sequence >= progress.next, !looksUpAll {
            progress.sum.add(number, sequence, position)
        } else {
            let claim = PendingFacts.Claim.sequence(streamNumber: number, sequence: sequence)
            pending.add(claim, at: position, page: page)
        }
        progress.next = max(progress.next, sequence + 1)
    }
}
