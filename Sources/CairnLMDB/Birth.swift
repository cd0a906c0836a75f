internal import CairnCore
internal import CairnJournal
internal import Glibc

/// How a journal comes into the world: whole, or not at all.
///
/// It is made in a temporary folder beside its place, filled, synced and then renamed, so a crash
/// at any moment leaves either no journal or a complete one. A folder that a crash left behind is
/// named `.<name>.birth-<process>-<number>` and may be removed.
enum Birth {
    /// Makes a journal at a path where nothing is, or an empty folder.
    ///
    /// `fill`: writes the journal's first content; its head record by default.
    /// - Throws: `JournalError`.
    static func create(
        at path: String,
        mapByteCount: Int,
        _ fill: (Environment) throws(JournalError) -> Void = Self.writeEmptyHead
    ) throws(JournalError) {
        let path = FileSystem.resolved(path)
        let parent = FileSystem.parent(of: path)
        let name = path.split(separator: "/").last.map(String.init) ?? "journal"
        try FileSystem.check(parent)
        var numbers = SystemRandomNumberGenerator()
        let number = String(numbers.next(), radix: 36)
        let temporary = "\(parent)/.\(name).birth-\(getpid())-\(number)"
        guard unsafe mkdir(temporary, 0o777) == 0 else {
            throw FileSystem.error(errno, path: parent, action: "create a journal in")
        }
        do throws(JournalError) {
            try fillEnvironment(temporary, mapByteCount, fill)
            FileSystem.copyMode(of: path, to: temporary)
            try FileSystem.synchronize(temporary + "/data.mdb")
            try FileSystem.synchronize(temporary)
            // Replaces an empty folder, and fails where someone else was faster.
            guard unsafe rename(temporary, path) == 0 else {
                throw errno == ENOTEMPTY || errno == EEXIST || errno == EBUSY
                    ? .notAJournal(path: path, reason: "the folder holds something else")
                    : FileSystem.error(errno, path: path, action: "create")
            }
            try FileSystem.synchronize(parent)
        } catch {
            let failure = failure(error, in: temporary, path: path)
            remove(temporary)
            throw failure
        }
    }

    /// Names the journal and not where it was to be made, and tells a full disk from a broken one:
    /// LMDB calls it an input/output error when the disk takes only part of a write.
    private static func failure(
        _ error: JournalError,
        in temporary: String,
        path: String
    ) -> JournalError {
        switch error {
        case .outOfSpace(let place) where place.hasPrefix(temporary):
            return .outOfSpace(path: path)
        case .inputOutput(let place, let code) where place.hasPrefix(temporary):
            let isFull = FileSystem.isFull(
                temporary + "/data.mdb",
                growingBy: JournalCopy.byteCountTarget
            )
            return isFull ? .outOfSpace(path: path) : .inputOutput(path: path, code: code)
        default: return error
        }
    }

    private static func fillEnvironment(
        _ path: String,
        _ mapByteCount: Int,
        _ fill: (Environment) throws(JournalError) -> Void
    ) throws(JournalError) {
        let environment = try Environment(
            path: path,
            isReadOnly: false,
            mapByteCount: mapByteCount,
            createsTables: true,
            flushing: .never
        )
        try fill(environment)
    }

    static func writeEmptyHead(_ environment: Environment) throws(JournalError) {
        let transaction = try Transaction(environment, isReadOnly: false)
        var head = HeadRecord.empty(journalID: newJournalID())
        head.transactionID = transaction.id
        try transaction.putHead(head)
        try transaction.commit()
    }

    static func newJournalID() -> [UInt8] {
        var numbers = SystemRandomNumberGenerator()
        return (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &numbers) }
    }

    static func remove(_ folder: String) {
        for file in ["data.mdb", "lock.mdb"] { unsafe unlink("\(folder)/\(file)") }
        unsafe rmdir(folder)
    }
}
