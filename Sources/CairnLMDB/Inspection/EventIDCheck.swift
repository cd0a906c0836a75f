internal import CairnCore
internal import CairnJournal

/// Compares the table of event ids with the journal.
struct EventIDCheck {
    private static let table = SnapshotContents.Table.eventIDs

    let context: VerificationContext
    let scan: JournalScan

    /// Walks the table, and looks every id up if its sum is not the journal's.
    ///
    /// - Parameter compares: Whether the journal was read whole.
    func run(compares: Bool) {
        guard let pending = context.pending(Self.table) else { return }
        let (sum, isWhole) = walk(ledger: nil, compares: compares, looksUpAll: false, pending)
        guard compares, isWhole else { return }
        pending.flush()
        guard sum != scan.eventIDs else { return }
        let before = context.log.count
        _ = walk(ledger: PageLedger(), compares: true, looksUpAll: true, pending)
        pending.flush()
        findMissing()
        if context.log.count == before {
            context.log.add("the table differs from the journal", table: Self.table)
        }
    }

    private func walk(
        ledger: PageLedger?,
        compares: Bool,
        looksUpAll: Bool,
        _ pending: PendingFacts
    ) -> (FactSum, Bool) {
        var sum = FactSum()
        var buffer: [UInt8] = []
        let isWhole = context.walk(Self.table, ledger: ledger) { node in
            guard compares else { return .proceed }
            do throws(PageFault) {
                let fact = try node.read(with: context.reader, into: &buffer) { key, value in
                    (FactSum.hash(key), Self.position(value))
                }
                guard let position = fact.1, position <= context.head.lastPosition.rawValue else {
                    if looksUpAll { return .proceed }
                    throw context.reader.fault(node.page.number, "an id leads to no position")
                }
                if position < context.head.firstRetainedPosition.rawValue { return .proceed }
                if position <= context.head.indexedPosition.rawValue, !looksUpAll {
                    sum.add(fact.0, position)
                } else {
                    pending.add(.eventID(hash: fact.0), at: position, page: node.page.number)
                }
            } catch {
                context.log.add(error, table: Self.table)
            }
            return .proceed
        }
        return (sum, isWhole)
    }

    /// A position as the table writes it: big-endian, without leading zeros.
    static func position(_ value: RawSpan) -> UInt64? {
        guard 1...8 ~= value.byteCount, value.byte(at: 0) != 0 else { return nil }
        var position: UInt64 = 0
        for offset in 0..<value.byteCount {
            position = position << 8 | UInt64(value.byte(at: offset))
        }
        return position
    }

    /// Reads the journal again and looks up every id that the table must know.
    private func findMissing() {
        guard let finder = context.finder(Self.table) else { return }
        var buffer: [UInt8] = []
        var ids: [(position: Position, id: [UInt8])] = []
        context.walk(SnapshotContents.Table.journal, ledger: PageLedger()) { node in
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
            for (position, id) in ids where !isKnown(id, at: position, finder) {
                context.log.add("its event id is missing", position: position, table: Self.table)
            }
            return context.log.isFull ? .stop : .proceed
        }
    }

    private func isKnown(_ id: [UInt8], at position: Position, _ finder: TreeFinder) -> Bool {
        var buffer: [UInt8] = []
        guard let node = try? finder.first(atOrAfter: id) else { return false }
        let found = try? node.read(with: finder.reader, into: &buffer) { key, value in
            unsafe key.equals(id.span.bytes) ? Self.position(value) : nil
        }
        // An id that leads elsewhere is known; where it leads was looked up before.
        return found == .some(.some(position.rawValue))
    }
}
