internal import CairnCore
internal import CairnJournal

/// Searches a whole file for packs and main pages, without following any page number.
///
/// Pages that LMDB copied on writing keep their old content until they are used again, so what
/// a damaged tree no longer leads to is often still there. What is found counts only through its
/// checksums and its place in the chain of hashes.
struct Carver {
    /// A whole pack somewhere in the file.
    struct Find {
        let offset: UInt64
        let byteCount: Int
        let link: PackLink
    }

    /// A main page whose head record is sound.
    struct Root {
        let page: UInt64
        let contents: SnapshotContents
        let head: HeadRecord
    }

    private struct Identity: Hashable {
        let first: Position
        let previousHash: RunningHash
        let hash: RunningHash
    }

    private static let chunkByteCount = 1 << 20

    private let reader: PageReader
    /// Packs that end at or before it are not looked for.
    private let position: Position
    private(set) var finds: [Find] = []
    private(set) var roots: [Root] = []
    private var known: Set<Identity> = []
    private var packBuffer: [UInt8] = []
    /// How many more bytes may be read for what looks like packs.
    ///
    /// A sound file needs its own length at most; a file made to look full of packs cannot make the
    /// search take for ever.
    private var byteBudget: UInt64

    init(reader: PageReader, after position: Position) {
        self.reader = reader
        self.position = position
        let (bytes, overflow) = reader.pageCount
            .multipliedReportingOverflow(by: UInt64(4 * reader.pageByteCount))
        byteBudget = overflow ? .max : bytes + (64 << 20)
    }

    /// Searches the file once from its start to its end.
    ///
    /// - Complexity: The length of the file. Memory: about 200 bytes for each pack found.
    mutating func run() {
        let pageByteCount = reader.pageByteCount
        let pagesPerChunk = UInt64(Self.chunkByteCount / pageByteCount)
        var buffer: [UInt8] = []
        var first: UInt64 = 0
        while first < reader.pageCount {
            let count = Int(min(pagesPerChunk, reader.pageCount - first))
            do throws(PageFault) {
                try reader.read(count * pageByteCount, fromPage: first, into: &buffer)
                search(buffer, count * pageByteCount, from: first)
            } catch {
                // One unreadable block must not cost its neighbours.
                for page in first..<first + UInt64(count) {
                    guard let bytes = try? reader.page(page) else { continue }
                    search(bytes, pageByteCount, from: page)
                }
            }
            first += UInt64(count)
        }
    }

    private mutating func search(_ bytes: [UInt8], _ byteCount: Int, from page: UInt64) {
        let start = page * UInt64(reader.pageByteCount)
        // Nodes and overflow pages begin their values at even offsets: every key of the journal
        // table has an even length.
        var offset = 0
        while offset + 4 <= byteCount {
            let word = bytes.load(UInt32.self, at: offset)
            if word == PackFormat.magic { take(start + UInt64(offset)) }
            offset += 2
        }
        var index = 0
        while index < byteCount {
            let number = page + UInt64(index / reader.pageByteCount)
            let isLeaf = bytes.load(UInt16.self, at: index + 10) == PageFormat.leafFlag
            if isLeaf, bytes.load(UInt64.self, at: index) == number {
                takeRoot(Array(bytes[index..<index + reader.pageByteCount]), number)
            }
            index += reader.pageByteCount
        }
    }

    /// Reads what may be a pack; the cheap parts first.
    private mutating func take(_ offset: UInt64) {
        let fixed = PackFormat.fixedByteCount
        guard spend(fixed), let header = bytes(fixed, at: offset) else { return }
        let count = Int(header.load(UInt32.self, at: 12))
        let first = header.load(UInt64.self, at: 16)
        let byteCount = Int(header.load(UInt32.self, at: 24))
        let frames = byteCount - fixed - 4 * count
        guard header.load(UInt16.self, at: 4) == PackFormat.version, count > 0, first > 0,
            byteCount <= TreeNode.valueByteCountMax, frames >= count * Frame.fixedByteCount,
            first <= .max - UInt64(count), first + UInt64(count) - 1 > position.rawValue,
            spend(byteCount), let pack = bytes(byteCount, at: offset),
            let link = unsafe PackLink(pack.span.bytes.extracting(0..<byteCount))
        else { return }
        let identity = Identity(
            first: link.first,
            previousHash: link.previousHash,
            hash: link.hash
        )
        guard known.insert(identity).inserted else { return }
        finds.append(Find(offset: offset, byteCount: byteCount, link: link))
    }

    private mutating func spend(_ byteCount: Int) -> Bool {
        guard byteBudget >= UInt64(byteCount) else { return false }
        byteBudget -= UInt64(byteCount)
        return true
    }

    private mutating func bytes(_ count: Int, at offset: UInt64) -> [UInt8]? {
        let found = try? reader.file.read(count, at: offset, into: &packBuffer)
        return found == count ? packBuffer : nil
    }

    private mutating func takeRoot(_ bytes: [UInt8], _ number: UInt64) {
        guard let page = try? TreePage(bytes, number: number),
            (0..<page.nodeCount).contains(where: { page.key($0) == HeadRecord.key })
        else { return }
        let walk = TreeWalk(
            reader: reader,
            lastPage: .max,
            ledger: PageLedger(),
            mayHoldTables: true
        )
        let contents = SnapshotContents(main: TreeRecord(root: number), walk: walk)
        guard let head = contents.head,
            (try? contents.checkedHead(transactionID: head.transactionID)) != nil
        else { return }
        roots.append(Root(page: number, contents: contents, head: head))
    }

    /// The longest chain of packs that continues where another ended, in order.
    ///
    /// Where two packs claim the same place, the one that leads further is taken.
    func chain(after end: ChainEnd, upTo bound: Position) -> [Find] {
        struct Best {
            let reach: Position
            let index: Int
        }
        var best: [ChainEnd: Best] = [:]
        let order = finds.indices.sorted { finds[$0].link.first > finds[$1].link.first }
        for index in order {
            let link = finds[index].link
            guard link.last <= bound else { continue }
            let next = ChainEnd(position: link.last, hash: link.hash)
            let reach = best[next]?.reach ?? link.last
            let place = ChainEnd(position: link.first.previous, hash: link.previousHash)
            if let other = best[place], other.reach >= reach { continue }
            best[place] = Best(reach: reach, index: index)
        }
        var result: [Find] = []
        var end = end
        while let next = best[end] {
            let find = finds[next.index]
            result.append(find)
            end = ChainEnd(position: find.link.last, hash: find.link.hash)
        }
        return result
    }
}

extension TreeRecord {
    /// The record of a tree that is one leaf, as the main tree of a journal always is.
    init(root: UInt64) {
        pad = 0
        flags = 0
        depth = 1
        branchPageCount = 0
        leafPageCount = 1
        overflowPageCount = 0
        count = 0
        self.root = root
    }
}
