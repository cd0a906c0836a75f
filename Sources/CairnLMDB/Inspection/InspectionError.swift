/// Why a journal's file could not be inspected, or why it must not be opened.
///
/// Damage that ``JournalInspector/verify(path:)`` finds is not an error: it is in the report.
public enum InspectionError: Error, Hashable, Sendable {
    /// There is no file at the path.
    case notFound(path: String)
    /// The operating system refused to open or read the file.
    case inputOutput(path: String, offset: UInt64, code: Int32)
    /// Neither of the two meta pages can be read as one of LMDB's.
    case notLMDB(path: String, reason: String)
    /// A meta page is damaged, or the two do not belong together.
    case meta(slot: Int, reason: String)
    /// The machine stopped in the middle of the newest commit, and nobody was told of it.
    case cutShort(transactionID: UInt64)
    /// A page that has to be followed is damaged.
    case page(PageFault)
    /// The head record is missing, damaged or not the one of this transaction.
    case head(reason: String)
    /// The journal was written by a newer program.
    case newerFormat(found: Int)
    /// The transaction is in neither meta page any more: begin a new read transaction.
    case transactionGone(transactionID: UInt64)
    /// A writer overwrote what was being read, each time it was tried.
    case keepsChanging(attemptCount: Int)
}

extension InspectionError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notFound(let path): "no journal at \(path)"
        case .inputOutput(let path, let offset, let code):
            "input/output error \(code) on \(path) at byte \(offset)"
        case .notLMDB(let path, let reason): "\(path) is not a journal: \(reason)"
        case .meta(let slot, let reason): "meta page \(slot): \(reason)"
        case .cutShort(let id): "the machine stopped in the middle of commit \(id)"
        case .page(let fault): fault.description
        case .head(let reason): "the head record \(reason)"
        case .newerFormat(let found): "the journal has format \(found), which is newer"
        case .transactionGone(let id): "transaction \(id) is no longer in a meta page"
        case .keepsChanging(let count):
            "a writer overwrote what was read in each of \(count) attempts"
        }
    }
}

/// One page of the file that is not what its place says it must be.
public struct PageFault: Error, Hashable, Sendable {
    public let page: UInt64
    /// Where the page starts in the file; the end of the range where that is beyond 64 bits.
    public let fileOffset: UInt64
    public let reason: String

    init(page: UInt64, pageByteCount: Int, reason: String) {
        self.page = page
        let (offset, overflow) = page.multipliedReportingOverflow(by: UInt64(pageByteCount))
        fileOffset = overflow ? .max : offset
        self.reason = reason
    }
}

extension PageFault: CustomStringConvertible {
    public var description: String { "page \(page) (byte \(fileOffset)): \(reason)" }
}
