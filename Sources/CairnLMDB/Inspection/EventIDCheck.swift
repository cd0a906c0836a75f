internal import CairnCore
internal import CairnJournal

/// Compares the table of event ids with the journal.
///
/// An id stands in a slice of its prefix or in a record of its own, after a repeated flush
/// possibly in both. Equal sums mean equal sets; where they differ, every id is looked up.
/// Memory: eight bytes for each prefix with records of single ids.
final class EventIDCheck {
    private static let table = Table.eventID.label

    private let context: VerificationContext
    private let scan: JournalScan
    private let pending: PendingFacts
    private var sum = FactSum()
    /// Fingerprints of the prefixes whose marker says that single ids have records.
    private var markers: Set<UInt64> = []
    /// The second walk: every fact is looked up, and flaws were reported by the first.
    private var looksUpAll = false

    init?(context: VerificationContext, scan: JournalScan) {
        guard let pending = context.pending(Self.table) else { return nil }
        self.context = context
        self.scan = scan
        self.pending = pending
    }

    /// Walks the table, and looks every id up if its sum is not the journal's.
    ///
    /// - Parameter compares: Whether the journal was read whole.
    func run(compares: Bool) {
        let isWhole = walk(ledger: context.ledger, compares: compares)
        guard compares, isWhole else { return }
        pending.flush()
        guard sum != scan.eventIDs else { return }
        looksUpAll = true
        _ = walk(ledger: PageLedger(), compares: true)
        pending.flush()
        findMissing()
    }

    private func walk(ledger: PageLedger, compares: Bool) -> Bool {
        var buffer: [UInt8] = []
        return context.walk(Self.table, ledger: ledger) { node in
            guard compares else { return .proceed }
            do throws(PageFault) {
                let flaw = try node.read(with: context.reader, into: &buffer) { key, value in
                    take(key, value, page: node.valuePage)
                }
                if let flaw, !looksUpAll { throw context.reader.fault(node.page.number, flaw) }
            } catch {
                context.log.add(error, table: Self.table)
            }
            return .proceed
        }
    }

    /// Takes one record; the answer is what is wrong with it, or nil.
    private func take(_ key: RawSpan, _ value: RawSpan, page: UInt64) -> String? {
        guard let end = IndexRecords.contentByteCount(of: value, at: key) else {
            return "a record of event ids does not match its checksum"
        }
        let value = value.extracting(0..<end)
        let first = key.byte(at: 0)
        if first == UInt8(ascii: "s"), key.byteCount > 1 {
            return takeSingle(key.extracting(1..<key.byteCount), value, page: page)
        }
        guard first == UInt8(ascii: "g"), key.byteCount >= 11,
            Int(key.bigEndian(at: 1, as: UInt16.self)) == key.byteCount - 11
        else { return "a key of event ids cannot be" }
        let prefix = FactSum.hash(key.extracting(3..<key.byteCount - 8))
        let start = key.bigEndian(at: key.byteCount - 8, as: UInt64.self)
        guard start != .max else {
            markers.insert(prefix)
            return value.byteCount == 0 ? nil : "a marker of single ids has a value"
        }
        return takeSlice(prefix, start, value, page: page)
    }

    private func takeSingle(_ id: RawSpan, _ value: RawSpan, page: UInt64) -> String? {
        var cut = id.byteCount
        while cut > 0, id.byte(at: cut - 1) != UInt8(ascii: "/") { cut -= 1 }
        let prefix = FactSum.hash(id.extracting(0..<cut))
        var reader = ByteReader()
        guard let position = try? reader.variable(in: value), reader.offset == value.byteCount
        else { return "the position of an event id cannot be read" }
        guard markers.contains(prefix) else { return "a single event id has no marker" }
        let hash = FactSum.hash(idPrefix: prefix, suffix: id.extracting(cut..<id.byteCount))
        return tell(hash, position, page: page)
    }

    private func takeSlice(
        _ prefix: UInt64,
        _ start: UInt64,
        _ value: RawSpan,
        page: UInt64
    ) -> String? {
        var reader = ByteReader()
        do throws(TruncatedBytes) {
            let count = try reader.variable(in: value)
            guard count > 0, count <= UInt64(value.byteCount) else {
                return "a slice says it has \(count) event ids"
            }
            var position: UInt64 = 0
            for index in 0..<count {
                let suffix = value.extracting(try reader.blob(in: value))
                let delta = try reader.variable(in: value)
                let (next, overflow) = position.addingReportingOverflow(delta)
                guard !overflow, delta > 0, index > 0 || next == start else {
                    return "a slice of event ids leads out of the journal"
                }
                position = next
                let hash = FactSum.hash(idPrefix: prefix, suffix: suffix)
                if let flaw = tell(hash, position, page: page) { return flaw }
            }
        } catch {
            return "a slice of event ids ends early"
        }
        return reader.offset == value.byteCount ? nil : "a slice is longer than its event ids"
    }

    private func tell(_ hash: UInt64, _ position: UInt64, page: UInt64) -> String? {
        guard position > 0, position <= context.head.lastPosition.rawValue else {
            return "an event id leads to position \(position)"
        }
        // Retention drops events and keeps their ids.
        guard position >= context.head.firstRetainedPosition.rawValue else { return nil }
        if position <= context.head.indexedPosition.rawValue, !looksUpAll {
            sum.add(hash, position)
        } else {
            pending.add(.eventID(hash: hash), at: position, page: page)
        }
        return nil
    }

    /// Reads the journal again and looks up every id that the table must know.
    private func findMissing() {
        guard let finder = context.finder(Self.table) else { return }
        var buffer: [UInt8] = []
        var ids: [(position: Position, id: [UInt8])] = []
        context.walk(Table.journal.label, ledger: PageLedger()) { node in
            ids.removeAll(keepingCapacity: true)
            _ = try? node.read(with: context.reader, into: &buffer) { _, pack in
                guard let header = try? PackHeader(inspecting: pack) else { return }
                _ = header.forEachFrame(in: pack) { _, _ in
                } body: { event, frame in
                    guard event.position <= context.head.indexedPosition,
                        !event.eventIDRange.isEmpty
                    else { return }
                    ids.append((event.position, frame.extracting(event.eventIDRange).array()))
                }
            }
            for (position, id) in ids where !context.log.isFull {
                if EventIDFinder(finder: finder).position(of: id) == position { continue }
                context.log.add("its event id is missing", position: position, table: Self.table)
            }
            return context.log.isFull ? .stop : .proceed
        }
    }
}
