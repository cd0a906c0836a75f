internal import CairnCore
internal import CairnJournal

/// Compares the table of streams with the journal: the number of each name.
struct StreamTableCheck {
    private static let table = Table.stream.label

    let context: VerificationContext
    let scan: JournalScan

    /// Walks the table.
    ///
    /// - Parameter compares: Whether the journal was read whole, so that there is something to
    ///   compare with; otherwise only the pages are checked.
    func run(compares: Bool) {
        var seen = [Bool](repeating: false, count: scan.streams.count)
        var buffer: [UInt8] = []
        let isWhole = context.walk(Self.table) { node in
            guard compares else { return .proceed }
            do throws(PageFault) {
                let flaw = try node.read(with: context.reader, into: &buffer) { key, value in
                    check(key, value, &seen)
                }
                if let flaw { throw context.reader.fault(node.page.number, flaw) }
            } catch {
                context.log.add(error, table: Self.table)
            }
            return .proceed
        }
        guard compares, isWhole else { return }
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
    private func check(_ key: RawSpan, _ value: RawSpan, _ seen: inout [Bool]) -> String? {
        guard IndexRecords.contentByteCount(of: value, at: key) == 8 else {
            return "a stream's number does not match its checksum"
        }
        let number = StreamNumber(rawValue: value.bigEndian(at: 0))
        guard let index = scan.streams.index(of: number) else {
            return "a stream has the number \(number.rawValue), which no event has"
        }
        // A stream whose first event retention has dropped is named nowhere else.
        let isNamed = number.firstPosition >= context.head.firstRetainedPosition
        guard !isNamed || scan.streams.values[index].nameHash == FactSum.hash(key) else {
            return "stream \(number.rawValue) has another name in the journal"
        }
        seen[index] = true
        return nil
    }
}
