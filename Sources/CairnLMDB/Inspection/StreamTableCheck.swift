internal import CairnCore
internal import CairnJournal

/// Compares the table of streams with the journal: name, number, last sequence, last position.
struct StreamTableCheck {
    private static let table = SnapshotContents.Table.streams
    private static let valueByteCount = 24

    let context: VerificationContext
    let scan: JournalScan

    /// Walks the table.
    ///
    /// - Parameter compares: Whether the journal was read whole, so that there is something to
    ///   compare with; otherwise only the pages are checked.
    func run(compares: Bool) {
        let pending = context.pending(Self.table)
        var seen = [Bool](repeating: false, count: scan.streams.count)
        var buffer: [UInt8] = []
        let isWhole = context.walk(Self.table) { node in
            guard compares else { return .proceed }
            do throws(PageFault) {
                let flaw = try node.read(with: context.reader, into: &buffer) { key, value in
                    check(key, value, page: node.valuePage, pending, &seen)
                }
                if let flaw { throw context.reader.fault(node.page.number, flaw) }
            } catch {
                context.log.add(error, table: Self.table)
            }
            return .proceed
        }
        guard compares, isWhole else { return }
        pending?.flush()
        let traces = scan.streams.values
        for (index, number) in scan.streams.numbers.enumerated()
        where !seen[index] && traces[index].indexedSequence > 0 {
            context.log.add(
                "the stream is not in the table",
                position: number.firstPosition,
                table: Self.table
            )
        }
    }

    /// Checks one stream; the answer is what is wrong, or nil.
    private func check(
        _ key: RawSpan,
        _ value: RawSpan,
        page: UInt64,
        _ pending: PendingFacts?,
        _ seen: inout [Bool]
    ) -> String? {
        guard value.byteCount == Self.valueByteCount else {
            return "a stream has a value of \(value.byteCount) bytes"
        }
        let number = StreamNumber(rawValue: value.bigEndian(at: 0))
        let sequence = value.bigEndian(at: 8, as: UInt64.self)
        let position = value.bigEndian(at: 16, as: UInt64.self)
        guard let index = scan.streams.index(of: number) else {
            return "a stream has the number \(number.rawValue), which no event has"
        }
        let trace = scan.streams.values[index]
        let isRetained = number.firstPosition >= context.head.firstRetainedPosition
        guard !isRetained || trace.nameHash == FactSum.hash(key) else {
            return "stream \(number.rawValue) has another name in the journal"
        }
        seen[index] = true
        if sequence == trace.indexedSequence, position == trace.indexedPosition { return nil }
        guard position > context.head.indexedPosition.rawValue,
            position <= context.head.lastPosition.rawValue, sequence > trace.indexedSequence
        else { return "stream \(number.rawValue) ends elsewhere in the journal" }
        pending?.add(
            .sequence(streamNumber: number.rawValue, sequence: sequence),
            at: position,
            page: page
        )
        return nil
    }
}
