internal import CairnCore
internal import CairnJournal

extension ProjectionKeys {
    /// Writes changed entries in the order of their keys.
    ///
    /// `isNew`: there is none of the table yet; where it is the last of the file, too, its pages
    /// are filled one after another.
    /// - Returns: By how much the number of entries and the sum of their hashes change, modulo 2^64.
    /// - Throws: `JournalError`.
    func write(
        _ changes: ProjectionChanges,
        in transaction: Transaction,
        isNew: Bool
    ) throws(JournalError) -> (entryCount: UInt64, stateHash: UInt64) {
        var entryCount: UInt64 = 0
        var stateHash: UInt64 = 0
        let cursor = try Cursor(transaction, .main)
        var key = entry([])
        let last = try cursor.move(.last) { last, _ in last.array() }
        let isAppend = isNew && (last?.lexicographicallyPrecedes(key) ?? true)
        try changes.forEach { name, value, isRemoved throws(JournalError) in
            key.removeSubrange(Self.headByteCount...)
            unsafe name.withUnsafeBytes { unsafe key.append(contentsOf: $0) }
            let bytes = unsafe key.span.bytes
            var isFound = false
            if !isNew {
                isFound = try cursor.find(bytes) { _, stored in
                    let count = max(stored.byteCount - IndexRecords.checksumByteCount, 0)
                    stateHash &-= EntryHash.of(key: name, value: stored.extracting(0..<count))
                }
            }
            if isFound { entryCount &-= 1 }
            if !isRemoved {
                entryCount &+= 1
                stateHash &+= EntryHash.of(key: name, value: value)
                let checksum = IndexRecords.checksum(value, at: bytes)
                try cursor.put(bytes, value, checksum, isAppend: isAppend)
            } else if isFound {
                try transaction.remove(.main, bytes)
            }
        }
        return (entryCount, stateHash)
    }
}
