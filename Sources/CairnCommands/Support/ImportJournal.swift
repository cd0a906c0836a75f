internal import CairnCore
internal import CairnJournal
internal import CairnLMDB
internal import Foundation
internal import Synchronization

/// The journal that an import adds to, which is made where there is none with the first event.
///
/// An import that is refused before then leaves nothing behind that would look like a journal
/// without events, in which nothing is stuck. What was there before is never removed.
final class ImportJournal: Journal {
    let path: String
    private let opened: Mutex<LMDBJournal?>
    /// What is read as long as there is no journal.
    private let nothing = MemoryJournal()

    /// Opens the journal if it is there.
    ///
    /// - Throws: `CommandFailure` where it cannot be opened, or where none can be made.
    init(path: String) throws(CommandFailure) {
        self.path = path
        var configuration = LMDBJournal.Configuration()
        configuration.createsIfMissing = false
        var found: LMDBJournal?
        do throws(JournalError) {
            found = try LMDBJournal(path: path, configuration: configuration)
        } catch {
            // What else stands in the way is told before anything is read.
            if error != .notFound(path: path) || !Self.isFree(path) {
                found = try JournalOptions.open(path, LMDBJournal.Configuration())
            } else {
                try Self.checkPlace(path)
            }
        }
        opened = Mutex(found)
    }

    /// Finds out now what would stop the journal from being made once there is an event.
    private static func checkPlace(_ path: String) throws(CommandFailure) {
        do throws(JournalError) {
            try LMDBJournal.checkFileSystem(for: path)
        } catch {
            throw CommandFailure(error, path: path, isWriting: true, isCreating: true)
        }
    }

    /// Whether nothing is at a path, or an empty folder, and a folder could be made there.
    private static func isFree(_ path: String) -> Bool {
        let files = FileManager.default
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        var isFolder: ObjCBool = false
        guard files.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue,
            files.isWritableFile(atPath: folder)
        else { return false }
        guard files.fileExists(atPath: path) else { return true }
        return (try? files.contentsOfDirectory(atPath: path))?.isEmpty == true
    }

    /// The journal where there is one.
    var existing: LMDBJournal? { opened.withLock { $0 } }

    /// The journal, made where there is none.
    func make() throws(JournalError) -> LMDBJournal {
        try opened.withLock { opened throws(JournalError) in
            if let opened { return opened }
            let made = try LMDBJournal(path: path)
            opened = made
            return made
        }
    }

    func close() { existing?.close() }

    private var sight: any Journal {
        if let existing { return existing }
        return nothing
    }

    func turn<Value: Sendable>(
        _ body: @escaping @Sendable (any TurnScope) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        if existing == nil {
            // Tried in memory first: of a turn whose first row is refused nothing is to stay.
            let trial = MemoryJournal()
            let value = try await trial.turn(body)
            if try await trial.head().lastPosition == .zero { return value }
        }
        return try await make().turn(body)
    }

    func head() async throws(JournalError) -> JournalHead { try await sight.head() }

    func lastSequence(of stream: StreamID) async throws(JournalError) -> SequenceNumber {
        try await sight.lastSequence(of: stream)
    }

    func receipt(of id: EventID) async throws(JournalError) -> Receipt? {
        try await sight.receipt(of: id)
    }

    func streamID(of number: StreamNumber) async throws(JournalError) -> StreamID {
        try await sight.streamID(of: number)
    }

    func position(at instant: Timestamp) async throws(JournalError) -> Position {
        try await sight.position(at: instant)
    }

    func page(
        from position: Position,
        _ direction: PageDirection,
        upTo bound: Position?,
        limit: PageLimit,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) async throws(JournalError) -> PageEnd {
        try await sight.page(from: position, direction, upTo: bound, limit: limit, body)
    }

    func page(
        of stream: StreamID,
        from sequence: SequenceNumber,
        _ direction: PageDirection,
        upTo bound: Position?,
        limit: PageLimit,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) async throws(JournalError) -> PageEnd {
        try await sight.page(
            of: stream,
            from: sequence,
            direction,
            upTo: bound,
            limit: limit,
            body
        )
    }

    func forEachEvent(
        ofEach streams: [StreamID],
        _ body: (Int, EventHeader, RawSpan) -> Void
    ) async throws(JournalError) {
        try await sight.forEachEvent(ofEach: streams, body)
    }

    func waitForEvent(after position: Position) async throws(JournalError) {
        try await make().waitForEvent(after: position)
    }

    func lockLife(_ number: UInt64) async throws(JournalError) -> any LifeLock {
        try make().lockLife(number)
    }

    func isLifeLocked(_ number: UInt64) async throws(JournalError) -> Bool {
        try await sight.isLifeLocked(number)
    }

    var projectionStore: (any ProjectionStore)? { sight.projectionStore }
}
