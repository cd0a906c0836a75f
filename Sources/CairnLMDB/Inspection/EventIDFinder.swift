internal import CairnCore
internal import CairnJournal

/// Finds one event id in the table the way the journal does.
struct EventIDFinder {
    /// Beyond what a flush ever writes for one prefix; a hostile table may hold any number.
    private static let sliceCountMax = 4 * IndexRecords.idSlicesMax

    let finder: TreeFinder

    /// The position the table has for an id; nil if it has none, or pages on the way are damaged.
    func position(of id: [UInt8]) -> Position? {
        let cut = (id.lastIndex(of: UInt8(ascii: "/")) ?? -1) + 1
        let prefix = id[..<cut]
        let suffix = Array(id[cut...])
        let group = IndexRecords.idGroupKey(prefix)
        var next = group
        var buffer: [UInt8] = []
        for _ in 0..<Self.sliceCountMax {
            guard let node = try? finder.first(atOrAfter: next) else { return nil }
            let key = node.page.key(node.index)
            guard key.count == group.count + 8, key.starts(with: group) else { return nil }
            let isMarker = key.suffix(8).allSatisfy { $0 == .max }
            if isMarker { return single(prefix, suffix) }
            var found: Position?
            _ = try? node.read(with: finder.reader, into: &buffer) { key, value in
                guard let end = IndexRecords.contentByteCount(of: value, at: key) else { return }
                try? IndexRecords.forEachID(in: value.extracting(0..<end)) { candidate, position in
                    guard unsafe candidate.equals(suffix.span.bytes) else { return .proceed }
                    found = position
                    return .stop
                }
            }
            if let found { return found }
            // The key directly after this one: keys of one group have one length.
            next = key + [0]
        }
        return nil
    }

    private func single(_ prefix: ArraySlice<UInt8>, _ suffix: [UInt8]) -> Position? {
        let key = IndexRecords.idSingleKey(prefix, suffix)
        var buffer: [UInt8] = []
        guard let node = try? finder.first(atOrAfter: key), node.page.key(node.index) == key
        else { return nil }
        return
            (try? node.read(with: finder.reader, into: &buffer) { key, value in
                guard let end = IndexRecords.contentByteCount(of: value, at: key) else {
                    return nil
                }
                return try? IndexRecords.decodePosition(value.extracting(0..<end))
            }) ?? nil
    }
}
