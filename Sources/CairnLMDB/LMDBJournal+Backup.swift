internal import CairnCore
public import CairnJournal

extension LMDBJournal {
    /// Copies the journal, as it is when the call begins, to a place where nothing is.
    ///
    /// Hot: writers go on, and each page of packs is read in a view of its own, so the copy holds
    /// nothing back however long it takes. Every frame is checked on the way. The copy is complete
    /// or not there at all; it is a journal of its own, with the same positions, times and hash.
    ///
    /// - Returns: Where the copy ends.
    /// - Throws: `JournalError.notAJournal(path:reason:)` when something is at the destination,
    ///   `JournalError.corrupt(position:reason:)` when the journal is damaged, and the errors of
    ///   a disk.
    @discardableResult
    public func backup(to destination: String) throws(JournalError) -> JournalHead {
        let last = try head().lastPosition
        return try JournalCopy.build(at: destination) { copy throws(JournalError) in
            while copy.lastPosition < last {
                for pack in try packs(after: copy.lastPosition, upTo: last) {
                    try copy.add(unsafe pack.span.bytes)
                }
            }
        }
    }

    /// Copies the packs of one page out of the map.
    private func packs(
        after position: Position,
        upTo last: Position
    ) throws(JournalError) -> [[UInt8]] {
        try core.environment.read { transaction throws(JournalError) in
            let cursor = try Cursor(transaction, .journal)
            var packs: [[UInt8]] = []
            var byteCount = 0
            func take(_ key: RawSpan, _ pack: RawSpan) -> Bool {
                packs.append(pack.array())
                byteCount += pack.byteCount
                return byteCount < PageLimit.standard.byteCountMax
                    && key.byteCount == 8 && key.bigEndian(at: 0, as: UInt64.self) < last.rawValue
            }
            var goesOn = try withKey(position.next.rawValue) { key throws(JournalError) in
                try cursor.seek(key, take)
            }
            while goesOn == true { goesOn = try cursor.move(.next, take) }
            guard !packs.isEmpty else {
                throw .corrupt(position: position.next, reason: "the journal ends before it")
            }
            return packs
        }
    }
}
