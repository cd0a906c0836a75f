import Cairn
import CairnTestSupport

/// Imports and exports rows of tables, on a journal of either kind.
struct TableDesk {
    enum Kind: String, CaseIterable, Sendable {
        case memory, lmdb
    }

    let scratch: ScratchFolder
    let journal: any Journal

    init(_ kind: Kind = .memory) throws {
        scratch = try ScratchFolder()
        journal = kind == .memory ? MemoryJournal() : try LMDBJournal(path: scratch.path("j"))
    }

    /// Imports a text.
    @discardableResult
    func take(
        _ table: TableImport,
        _ text: String,
        as format: ImportFormat? = nil,
        _ change: (inout ImportOptions) -> Void = { _ in },
        onBadRow: @escaping (ImportError) -> Void = { _ in }
    ) async throws -> TableImportSummary {
        var options = ImportOptions()
        change(&options)
        let path = try scratch.file("rows", text)
        let importer = TableImporter(table, into: journal, options: options)
        try await importer.run([ImportInput(path: path, format: format)], onBadRow: onBadRow)
        return importer.summary
    }

    /// Expects that a text is refused.
    func refusal(_ table: TableImport, _ text: String) async throws -> ImportError? {
        do {
            _ = try await take(table, text)
            return nil
        } catch let error as ImportError {
            return error
        }
    }

    func exported(_ table: ExportedTable, _ format: ExportFormat) async throws -> String {
        let sink = MemorySink()
        var rows = try await TableExport(table, of: journal)
        let survey = try await rows.survey()
        var exporter = TableExporter(table, as: format, to: sink, survey: survey)
        try await rows.forEachItem { item throws(ExportError) in try exporter.write(item) }
        try exporter.finish()
        return String(decoding: sink.bytes, as: UTF8.self)
    }
}
