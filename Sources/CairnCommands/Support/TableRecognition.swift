internal import CairnServices

/// Tells whose rows files have: what was said, or else what their columns tell.
struct TableRecognition {
    let files: [String]
    let given: SourceTable?
    let format: ImportFormat?

    /// The table of all files.
    ///
    /// - Parameter glance: Keeps what was looked at and cannot be read again.
    /// - Returns: The table; that of requests where the bytes show nothing, which is for their
    ///   reader to refuse.
    /// - Throws: ``CommandFailure`` where the columns tell none, or files tell different ones.
    func table(_ glance: InputGlance) throws(CommandFailure) -> SourceTable {
        if let given { return given }
        var found: (table: SourceTable, file: String)?
        for file in files {
            switch try look(at: file, glance) {
            case .table(let table):
                if let first = found, first.table != table {
                    throw CommandFailure(
                        .usage,
                        "\(first.file) has rows of \(first.table.name) and \(file) of "
                            + "\(table.name): give them apart"
                    )
                }
                found = (table, file)
            case .unknown(let columns):
                let error = ImportError(source: file, reason: .unknownTable(columns: columns))
                throw CommandFailure(error, path: "")
            case .nothing: continue
            }
        }
        return found?.table ?? .pipeline
    }

    private func look(
        at file: String,
        _ glance: InputGlance
    ) throws(CommandFailure) -> InputGlance.Finding {
        do throws(ImportError) {
            return try glance.look(at: file, as: format)
        } catch {
            throw CommandFailure(error, path: "")
        }
    }
}
