internal import CairnCore
internal import CairnDomains
public import CairnJournal

/// Which table's rows are imported, and what is known beside them.
public enum TableImport: Sendable {
    /// The touch log of seed 000.
    case touch
    /// The interactions of seed 001.
    case interaction
    /// The system events of seed 003.
    case system
    /// The prompt events of seed 004, and whose sessions they are.
    case prompt(PromptSessionOwners)
}

/// Brings rows of a source's table into a journal, so that doing it again adds nothing.
///
/// A row of the touch log and a prompt event stand under their uid, an interaction under
/// `interactions/<interaction_uuid>`, and a system event under `system_events/<id>`; so one journal
/// has one table of system events. Rows are read one by one and appended in batches, one turn each.
/// What was appended before an error stays; importing the same input again goes on from there.
///
/// Everything that a row says is kept, so that an export gives it back: its `id`, its JSON byte
/// for byte, and the text of each number and time that an export would write otherwise.
///
/// Memory is bounded by the row limit, one batch and the sorting buffer of the options, plus at
/// most 48 bytes for each different user or session, to count them.
public final class TableImporter {
    /// What was done so far; also valid after an error.
    public private(set) var summary = TableImportSummary()
    /// What was looked at before; it is read from there.
    public var glance: InputGlance?

    private let journal: any Journal
    private let table: TableImport
    private let options: ImportOptions

    /// Imports into a journal.
    ///
    /// - Parameters:
    ///   - table: Whose rows they are.
    ///   - journal: Where the events go.
    ///   - options: The order, how bad rows are met, what stops the import, and of interactions
    ///     whose references they have; its tenant and its prefix are about requests and mean
    ///     nothing here.
    public init(
        _ table: TableImport,
        into journal: any Journal,
        options: ImportOptions = ImportOptions()
    ) {
        self.table = table
        self.journal = journal
        self.options = options
    }

    /// Imports inputs one after another; in the order of time, all of them together.
    ///
    /// - Parameters:
    ///   - inputs: What to read: CSV or JSON lines.
    ///   - onProgress: Called after each batch.
    ///   - onBadRow: Gets each row that is set aside, if the options say so.
    /// - Throws: ``ImportError``: the first bad row, or what makes an input or the journal
    ///   unusable. Everything before it is in the journal; in the order of time none is where a
    ///   bad row stops the reading, and those that were read where an input is damaged from there
    ///   on. After ``ImportReason/stopped`` those rows are not that still waited to be sorted.
    public func run(
        _ inputs: [ImportInput],
        onProgress: @escaping (ImportProgress) -> Void = { _ in },
        onBadRow: @escaping (ImportError) -> Void = { _ in }
    ) async throws(ImportError) {
        let report = TableReport(onProgress: onProgress, onBadRow: onBadRow)
        switch table {
        case .touch: try await run(inputs, TouchTable(), report)
        case .interaction:
            let provider = options.provider.map(options.vocabulary.name(ofProvider:))
            try await run(inputs, InteractionTable(provider: provider), report)
        case .system: try await run(inputs, SystemTable(), report)
        case .prompt(let owners): try await run(inputs, PromptTable(owners: owners), report)
        }
    }

    private func run(
        _ inputs: [ImportInput],
        _ target: some TableTarget,
        _ report: TableReport
    ) async throws(ImportError) {
        let start = ContinuousClock.now
        let run = TableRun(target, into: journal, options, glance, report)
        defer {
            summary = run.summary
            summary.seconds = (ContinuousClock.now - start) / .seconds(1)
        }
        try await run.run(inputs)
    }
}

/// What an import of a table did.
public struct TableImportSummary: Hashable, Sendable {
    /// Rows that are in the journal now and were not before.
    public var events = 0
    /// Different users, sessions or customers among the rows that are in the journal.
    public var subjects = 0
    /// Sessions of which nobody said whose they are.
    public var ownerless = 0
    /// Rows that had been imported before.
    public var duplicates = 0
    /// New events that their session should not have.
    public var anomalies = 0
    /// New events behind the leave event of their session, which count in no total: rows that were
    /// imported in another order than they happened, or a session that went on.
    public var uncounted = 0
    /// Rows that were set aside.
    public var badRows = 0
    /// New interactions whose `provider_reference` finds no reports, because nobody said which
    /// provider's it is.
    public var unlinkedReferences = 0
    /// New events whose recorded time was to be their `created_at` and could not be.
    public var shiftedTimes = 0
    /// How long it took.
    public var seconds = 0.0

    public init() {}
}
