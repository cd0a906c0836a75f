import CWriteRecorder
import Foundation

/// A part of a file that was written, and may or may not have reached the disk.
struct PendingWrite {
    let offset: Int
    let bytes: [UInt8]
    /// Whether the call failed: the disk may have it, and the kernel's pages have it not.
    var hasFailed = false
    /// The last position that had been acknowledged when it was written.
    var acknowledged: UInt64 = 0
}

/// What the disk may hold of the journal's name when the machine stops.
enum Presence: Hashable {
    /// Nothing at the journal's path.
    case absent
    /// The folder without its file.
    case folderOnly
    case present
}

/// A stretch of time in which nothing became durable: the machine may stop at its end.
struct Epoch {
    /// What is on the disk whatever happens.
    let durable: [UInt8]
    /// What was written since, in order, and what was not flushed before: of it, anything may be
    /// there.
    let writes: [PendingWrite]
    /// How many of the writes, from the first on, a flush that failed was to flush, or failed
    /// themselves.
    let failedCount: Int
    /// The last position that had been acknowledged.
    let acknowledged: UInt64
    /// The last position that had been submitted.
    let submitted: UInt64
    let presences: Set<Presence>

    var hasFailed: Bool { failedCount > 0 }

    /// The writes of meta pages among the writes.
    var metaWrites: [Int] { writes.indices.filter { Self.isMeta(writes[$0]) } }

    private static func isMeta(_ write: PendingWrite) -> Bool {
        let size = MetaSlots.pageByteCount
        return write.offset < 2 * size && MetaSlots.Part.meta.range == write.rangeInPage
    }
}

extension PendingWrite {
    /// Where it stands in its page.
    fileprivate var rangeInPage: Range<Int> {
        let start = offset % MetaSlots.pageByteCount
        return start..<start + bytes.count
    }
}

/// What was recorded of a journal's life, as the epochs between its flushes.
struct Tape {
    private(set) var epochs: [Epoch] = []
    /// How often something became durable.
    private(set) var flushCount = 0

    private var durable: [UInt8]
    /// The file as the kernel has it.
    private var cached: [UInt8]
    private var pending: [PendingWrite]
    /// What a flush that failed was to flush: the drive may have it, and nobody flushes it again.
    private var limbo: [PendingWrite] = []
    private var acknowledged: UInt64
    private var submitted: UInt64
    private let path: String
    private let lastMaker = LastMaker()
    private var isMade: Bool
    private var areInnerNamesDurable: Bool
    private var isRenamed: Bool
    private var isRenameDurable: Bool

    /// Reads the tape of a journal that was made while it was recorded.
    init(path: String) throws {
        let nothing = Beginning(durable: [], pending: [], acknowledged: 0, submitted: 0)
        try self.init(path: path, nothing, isNew: true)
    }

    /// Where the tape of a journal begins that was there before.
    struct Beginning {
        let durable: [UInt8]
        /// What its last writer had written and not flushed.
        let pending: [PendingWrite]
        /// What a flush that failed was to flush, and calls that failed.
        var limbo: [PendingWrite] = []
        let acknowledged: UInt64
        let submitted: UInt64
    }

    /// Where the tape of whoever goes on with it begins.
    var end: Beginning {
        Beginning(
            durable: durable,
            pending: pending,
            limbo: limbo,
            acknowledged: acknowledged,
            submitted: submitted
        )
    }

    /// Reads the tape of a journal that was there before.
    init(path: String, from beginning: Beginning) throws {
        try self.init(path: path, beginning, isNew: false)
    }

    private init(path: String, _ beginning: Beginning, isNew: Bool) throws {
        self.path = path
        durable = beginning.durable
        pending = beginning.pending
        acknowledged = beginning.acknowledged
        submitted = beginning.submitted
        cached = durable
        limbo = beginning.limbo
        for write in limbo + pending where !write.hasFailed { Self.apply(write, to: &cached) }
        isMade = !isNew
        areInnerNamesDurable = !isNew
        isRenamed = !isNew
        isRenameDurable = !isNew
        var status = stat()
        guard stat(path + "/data.mdb", &status) == 0 else { throw ProofFailure("no data file") }
        for index in 0..<cairn_tape_count() {
            try take(cairn_tape_record_at(index), file: UInt64(status.st_ino))
        }
        emit()
        try checkEnd()
    }

    /// Makes sure that the tape leads to the file: a way of writing that nobody records would make
    /// all images of it nonsense.
    private func checkEnd() throws {
        let file = try Data(contentsOf: URL(fileURLWithPath: path + "/data.mdb"))
        guard file == Data(cached) else { throw ProofFailure("the tape does not lead to the file") }
    }

    private mutating func take(_ record: cairn_tape_record, file: UInt64) throws {
        let bytes = Array(UnsafeBufferPointer(start: record.bytes, count: Int(record.byte_count)))
        switch Int(record.kind) {
        case CAIRN_TAPE_WRITE where record.file == file:
            let write = PendingWrite(
                offset: Int(record.offset),
                bytes: bytes,
                acknowledged: acknowledged
            )
            Self.apply(write, to: &cached)
            pending.append(write)
            guard record.is_durable != 0 else { return }
            emit()
            settle([write])
        case CAIRN_TAPE_FLUSH where record.file == file:
            emit()
            let writes = pending
            pending = []
            settle(writes)
        case CAIRN_TAPE_WRITE_FAILED where record.file == file:
            limbo.append(
                PendingWrite(
                    offset: Int(record.offset),
                    bytes: bytes,
                    hasFailed: true,
                    acknowledged: acknowledged
                )
            )
        case CAIRN_TAPE_FLUSH_FAILED where record.file == file:
            emit()
            limbo += pending
            pending = []
        case CAIRN_TAPE_LENGTH where record.file == file:
            throw ProofFailure("a data file that is cut is not thought of here")
        case CAIRN_TAPE_FILE_MADE where record.text.hasSuffix("/data.mdb"):
            isMade = true
        case CAIRN_TAPE_RENAMED where record.text == path:
            isRenamed = true
            emit()
        case CAIRN_TAPE_NAMES_FLUSHED:
            emit()
            if isRenamed, record.text == parent { isRenameDurable = true }
            if isMade, record.text == path || record.text.contains(".birth-") {
                areInnerNamesDurable = true
            }
        case CAIRN_TAPE_MARK where record.file == Workload.Mark.submitted:
            submitted = record.offset
        case CAIRN_TAPE_MARK where record.file == Workload.Mark.acknowledged:
            acknowledged = record.offset
        default: break
        }
    }

    /// Makes writes durable: the sectors that they are in get there as the kernel has them, and
    /// what was in them can come back no more.
    private mutating func settle(_ writes: [PendingWrite]) {
        let size = ImageMaker.sectorByteCount
        for write in writes {
            let end = write.offset + write.bytes.count
            let range =
                write.offset / size * size..<min((end + size - 1) / size * size, cached.count)
            if durable.count < range.upperBound {
                let missing = range.upperBound - durable.count
                durable.append(contentsOf: repeatElement(0, count: missing))
            }
            Self.copy(cached, range, to: range.lowerBound, of: &durable)
            limbo = limbo.flatMap { Self.rest(of: $0, outside: range) }
            pending = pending.flatMap { Self.rest(of: $0, outside: range) }
        }
        flushCount += 1
    }

    /// What is left of a write beside a range.
    private static func rest(of write: PendingWrite, outside range: Range<Int>) -> [PendingWrite] {
        let end = write.offset + write.bytes.count
        let before = write.offset..<max(write.offset, min(range.lowerBound, end))
        let after = min(end, max(range.upperBound, write.offset))..<end
        guard before.upperBound < after.lowerBound else { return [write] }
        return [before, after].filter { !$0.isEmpty }.map { part in
            let start = part.lowerBound - write.offset
            let bytes = Array(write.bytes[start..<start + part.count])
            return PendingWrite(
                offset: part.lowerBound,
                bytes: bytes,
                hasFailed: write.hasFailed,
                acknowledged: write.acknowledged
            )
        }
    }

    private var parent: String { String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]) }

    private var presences: Set<Presence> {
        guard isRenamed else { return [.absent] }
        var presences: Set<Presence> = [.present]
        if !areInnerNamesDurable { presences.insert(.folderOnly) }
        if !isRenameDurable { presences.insert(.absent) }
        return presences
    }

    private mutating func emit() {
        epochs.append(
            Epoch(
                durable: durable,
                writes: limbo + pending,
                failedCount: limbo.count,
                acknowledged: acknowledged,
                submitted: submitted,
                presences: presences
            )
        )
    }

    static func apply(_ write: PendingWrite, to bytes: inout [UInt8]) {
        let end = write.offset + write.bytes.count
        if bytes.count < end {
            bytes.append(contentsOf: repeatElement(0, count: end - bytes.count))
        }
        copy(write.bytes, 0..<write.bytes.count, to: write.offset, of: &bytes)
    }

    /// Copies a part of some bytes over others, which are long enough.
    static func copy(
        _ source: [UInt8],
        _ range: Range<Int>,
        to offset: Int,
        of target: inout [UInt8]
    ) {
        target.withUnsafeMutableBytes { target in
            source.withUnsafeBytes { source in
                let part = UnsafeRawBufferPointer(rebasing: source[range])
                UnsafeMutableRawBufferPointer(rebasing: target[offset...]).copyMemory(from: part)
            }
        }
    }
}

/// What the last image was made with: the next one is mostly of the same epoch.
private final class LastMaker {
    var maker: ImageMaker?
}

extension Tape {
    func maker(_ index: Int) -> ImageMaker {
        if let maker = lastMaker.maker, maker.index == index { return maker }
        let maker = ImageMaker(epochs[index], index: index)
        lastMaker.maker = maker
        return maker
    }
}

extension cairn_tape_record {
    /// The path that the record is of.
    fileprivate var text: String {
        String(
            decoding: UnsafeBufferPointer(start: bytes, count: Int(byte_count)),
            as: UTF8.self
        )
    }
}
