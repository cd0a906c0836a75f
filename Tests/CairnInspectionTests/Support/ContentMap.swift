import CairnCore
import CairnJournal
import Testing

@testable import CairnLMDB

/// What the bytes of a sound file are for, found by walking it: which of them nothing reads.
struct ContentMap {
    /// Bytes that neither LMDB nor the journal ever looks at.
    private(set) var isUnused: [Bool]
    /// Bytes that may take more than one value without changing what is read: keys of branches,
    /// the size of the map, and the last page.
    private(set) var isLoose: [Bool]
    /// Bytes of packs in the journal table.
    private(set) var isPack: [Bool]
    /// Every key and value, in order.
    let digest: ContentDigest

    private static let pageByteCount = FileImage.pageByteCount

    /// Walks a file that has to be sound.
    init(path: String, image: FileImage) throws {
        isUnused = Array(repeating: true, count: image.bytes.count)
        isLoose = Array(repeating: false, count: image.bytes.count)
        isPack = Array(repeating: false, count: image.bytes.count)
        let file = try LMDBFile(path: path)
        let metas = try MetaPair(file: file)
        let reader = try JournalInspector.reader(file, metas)
        let meta = try #require(metas.newestFirst.first)
        digest = try Self.digest(reader, meta)
        for slot in 0...1 {
            let start = slot * Self.pageByteCount
            use(start..<start + 8)
            use(start + 10..<start + 12)
            use(start + 16..<start + MetaPage.byteCount)
            for offset in start + 32..<start + 40 { isLoose[offset] = true }
            // A last page further on in the file only leaves out pages that nobody uses.
            for offset in start + 136..<start + 144 { isLoose[offset] = true }
        }
        let trees = try Self.trees(reader, meta)
        for tree in trees { try use(tree.record, reader, isJournal: tree.name == "journal") }
    }

    private mutating func use(_ range: Range<Int>) {
        for offset in range { isUnused[offset] = false }
    }

    private mutating func use(
        _ tree: TreeRecord,
        _ reader: PageReader,
        isJournal: Bool
    ) throws {
        guard !tree.isEmpty else { return }
        var pages = [tree.root]
        while let number = pages.popLast() {
            let page = try TreePage(try reader.page(number), number: number)
            let start = Int(number) * Self.pageByteCount
            use(start..<start + 8)
            use(start + 10..<start + 16 + 2 * page.nodeCount)
            for index in 0..<page.nodeCount {
                let key = page.keyRange(index)
                use(start + key.lowerBound - 8..<start + key.lowerBound)
                guard page.kind == .leaf else {
                    pages.append(page.child(index))
                    if index > 0 { use(start + key.lowerBound..<start + key.upperBound) }
                    // A branch's key, its length included, may move between its neighbours.
                    for offset in key.lowerBound - 2..<key.upperBound {
                        isLoose[start + offset] = true
                    }
                    continue
                }
                use(start + key.lowerBound..<start + key.upperBound)
                try useValue(page.value(index), start, key.upperBound, reader, isJournal)
            }
        }
    }

    private mutating func useValue(
        _ value: TreePage.Value,
        _ start: Int,
        _ keyEnd: Int,
        _ reader: PageReader,
        _ isJournal: Bool
    ) throws {
        let content: Range<Int>
        switch value {
        case .inline(let range):
            content = start + range.lowerBound..<start + range.upperBound
        case .overflow(let first, let byteCount):
            use(start + keyEnd..<start + keyEnd + 8)
            let page = Int(first) * Self.pageByteCount
            use(page..<page + 8)
            use(page + 10..<page + 16)
            content = page + 16..<page + 16 + byteCount
        }
        use(content)
        if isJournal { for offset in content { isPack[offset] = true } }
    }

    private static func trees(
        _ reader: PageReader,
        _ meta: MetaPage
    ) throws -> [(name: String, record: TreeRecord)] {
        let walk = TreeWalk(
            reader: reader,
            lastPage: meta.lastPage,
            ledger: PageLedger(),
            mayHoldTables: true
        )
        let contents = SnapshotContents(main: meta.main, walk: walk)
        try #require(contents.faults == [])
        return [("free", meta.free), ("main", meta.main)]
            + contents.tables.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Digests everything that the newest meta page leads to.
    static func digest(_ reader: PageReader, _ meta: MetaPage) throws -> ContentDigest {
        var writer = ByteWriter()
        for (name, tree) in try trees(reader, meta) {
            writer.text(name)
            let walk = TreeWalk(
                reader: reader,
                lastPage: meta.lastPage,
                ledger: PageLedger(),
                order: name == "free" ? .integer : .bytes,
                mayHoldTables: name == "main"
            )
            var buffer: [UInt8] = []
            let isWhole = walk.run(tree) { _ in
            } visit: { node in
                try? node.read(with: reader, into: &buffer) { key, value in
                    writer.blob(key.array())
                    writer.blob(value.array())
                }
                return .proceed
            }
            try #require(isWhole)
        }
        let bytes = writer.finish()
        return ContentDigest(type: "", content: bytes.span.bytes)
    }

    static func digest(path: String) throws -> ContentDigest {
        let file = try LMDBFile(path: path)
        let metas = try MetaPair(file: file)
        let reader = try JournalInspector.reader(file, metas)
        return try digest(reader, try #require(metas.newestFirst.first))
    }
}
