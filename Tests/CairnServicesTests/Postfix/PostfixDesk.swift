import Cairn
import CairnTestSupport

/// A journal that mail logs are imported into.
struct PostfixDesk {
    let journal: any Journal
    private let scratch: ScratchFolder?

    init() {
        journal = MemoryJournal()
        scratch = nil
    }

    init(onDisk: Bool) throws {
        let scratch = try ScratchFolder()
        self.scratch = scratch
        journal = onDisk ? try LMDBJournal(path: scratch.path("j")) : MemoryJournal()
    }

    static let now = Timestamp(nanoseconds: 1_767_225_600_000_000_000)

    /// Imports files.
    @discardableResult
    func run(
        _ paths: [String],
        year: Int? = nil,
        options: ImportOptions = ImportOptions()
    ) async throws -> PostfixImporter {
        let importer = PostfixImporter(
            into: journal,
            options: options,
            year: year,
            now: Self.now
        )
        try await importer.run(paths)
        return importer
    }

    /// Every row, in the order of the journal.
    func rows() async throws -> [Touch] {
        let machine = TouchMachine()
        var rows: [Touch] = []
        var failure: EventCodecError?
        try await journal.forEachEvent { header, frame in
            do throws(EventCodecError) {
                if case .logged(let touch)? = try machine.event(header, frame: frame) {
                    rows.append(touch)
                }
            } catch {
                failure = error
            }
            return .proceed
        }
        if let failure { throw failure }
        return rows
    }
}
