internal import CLMDB
internal import CairnJournal
internal import Glibc

extension JournalError {
    /// Another process has made the file larger than this one's map.
    ///
    /// Never leaves this module: whoever begins a transaction catches it, adopts the size and
    /// begins again.
    static let mapMoved = JournalError.mapFull(byteCount: -1)
}

/// Turns LMDB's result codes into the journal's errors.
enum LMDBCode {
    /// The error that a code means for a journal at a path.
    static func error(_ code: Int32, path: String) -> JournalError {
        switch code {
        case MDB_MAP_FULL: .mapFull(byteCount: 0)
        case MDB_MAP_RESIZED: .mapMoved
        case MDB_READERS_FULL: .readersFull(countMax: Environment.readerCountMax)
        case MDB_VERSION_MISMATCH, MDB_INVALID:
            .notAJournal(path: path, reason: "its data file is not one of LMDB")
        case MDB_CORRUPTED, MDB_PAGE_NOTFOUND, MDB_PANIC:
            .damaged(path: path, reason: message(code))
        case ENOSPC, EDQUOT, EFBIG: .outOfSpace(path: path)
        case EIO: .inputOutput(path: path, code: code)
        case EACCES, EPERM: .noPermission(path: path, action: "open")
        case EROFS: .noPermission(path: path, action: "write to the read-only disk under")
        case ENOENT: .notFound(path: path)
        default: .lmdb(code: code, message: message(code))
        }
    }

    private static func message(_ code: Int32) -> String {
        unsafe String(cString: mdb_strerror(code))
    }
}
