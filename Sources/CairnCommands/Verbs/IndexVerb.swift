internal import ArgumentParser
internal import CairnCore
internal import CairnEngine
internal import CairnJournal
internal import CairnLMDB
internal import CairnServices

/// The index and the projections' tables, brought up to the journal's end.
struct IndexVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "index",
        abstract: "Brings the index and the projections' tables up to the journal's end.",
        discussion: """
            The index follows the events by itself, and no answer depends on the tables, which \
            'cairn import' brings up at its end. But verbs that read store nothing: where other \
            programs append, tables save each of them the way through the events. It removes \
            tables of rules that this program has no more.
            """
    )

    @OptionGroup var journal: JournalOptions

    @Flag(help: "Remove the projections' tables first, and build them anew.")
    var rebuild = false

    @Flag(help: "Compare the tables with their sums; exit with 1 if one was damaged.")
    var check = false

    func run() async throws {
        let path = try journal.path()
        let opened = try journal.openForWriting(creating: false)
        defer { opened.close() }
        var damaged = check && !rebuild ? try Self.removeUnreadable(in: opened, path: path) : []
        let indexed = try await journaling(path) { () async throws(JournalError) in
            try await opened.flushIndex()
            // Not table by table: the file that they are in may be damaged.
            if rebuild { try opened.removeProjectionStore() }
            _ = try opened.openProjectionStore()
            return try opened.information().indexedPosition
        }
        if check { damaged += try await Self.removeDamaged(in: opened, path: path) }
        let pipeline = try await PipelineFile.definition(
            given: nil,
            rememberedBy: opened,
            upTo: nil
        )
        let kept: [KeptProjection]
        do throws(EngineError<Never>) {
            kept = try await KeptProjections(opened, pipeline: pipeline).catchUp()
        } catch .journal(let reason) where reason.isOfDamagedFile {
            damaged = try Self.removeAll(in: opened, path: path)
            // Where the journal itself is the damaged one, that is met again.
            do throws(EngineError<Never>) {
                kept = try await KeptProjections(opened, pipeline: pipeline).catchUp()
            } catch {
                throw CommandFailure(error, path: path)
            }
        } catch {
            throw CommandFailure(error, path: path)
        }
        var details = Details()
        details.add("indexed_position", .count(indexed.rawValue))
        details.add(
            "projections",
            .array(kept.map { .object(Self.listing.members(of: $0)) }),
            isInText: false
        )
        if check { details.add("damaged", .array(damaged.map { .text($0) }), isInText: false) }
        try details.print(
            as: journal.format,
            followedBy: kept.isEmpty ? [] : [Self.listing.text(kept)]
        )
        guard damaged.isEmpty else {
            throw CommandFailure(
                .finding,
                "the tables of \(damaged.joined(separator: ", ")) were damaged, and are built anew"
            )
        }
    }

    /// What is damaged where the file of all tables is.
    private static let everyTable = "all projections"

    /// Looks at the pages of the tables' file, before anything in it is believed.
    private static func removeUnreadable(
        in journal: LMDBJournal,
        path: String
    ) throws(CommandFailure) -> [String] {
        do throws(JournalError) { try journal.checkProjectionFile() } catch {
            guard error.isOfDamagedFile else {
                throw CommandFailure(error, path: path, isWriting: true)
            }
            return try removeAll(in: journal, path: path)
        }
        return []
    }

    /// Compares the tables with their sums; what cannot be walked through is damaged as well.
    private static func removeDamaged(
        in journal: LMDBJournal,
        path: String
    ) async throws -> [String] {
        do throws(JournalError) {
            return try await KeptProjections(journal).removeDamaged()
        } catch {
            guard error.isOfDamagedFile else {
                throw CommandFailure(error, path: path, isWriting: true)
            }
            return try removeAll(in: journal, path: path)
        }
    }

    private static func removeAll(
        in journal: LMDBJournal,
        path: String
    ) throws(CommandFailure) -> [String] {
        do throws(JournalError) {
            try journal.removeProjectionStore()
            _ = try journal.openProjectionStore()
        } catch {
            throw CommandFailure(error, path: path, isWriting: true)
        }
        return [Self.everyTable]
    }

    static let listing = Listing<KeptProjection>(
        columns: [
            .init("projection") { .text($0.name) },
            .init("position") { .count($0.mark.position.rawValue) },
            .init("entries") { .count($0.mark.entryCount) },
            .init("state_hash") { .text(Self.hexadecimal($0.mark.stateHash)) },
        ],
        emptyText: ""
    )

    private static func hexadecimal(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension JournalError {
    /// Whether the file of the tables is not what LMDB or this program wrote.
    fileprivate var isOfDamagedFile: Bool {
        switch self {
        case .damaged, .corrupt, .lmdb, .notAJournal, .poisoned: true
        default: false
        }
    }
}
