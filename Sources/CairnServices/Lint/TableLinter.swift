internal import CairnCore
public import CairnDomains

/// Says what is wrong with rows of a legacy table before any of them is imported.
///
/// It writes nothing that stays: what must be sorted waits in a nameless temporary file.
///
/// It reads what an import reads, row by row, and follows sessions in the order in which an import
/// appends their rows. Memory is bounded: 2,000,000 names of each kind at 16 bytes, 100,000
/// requests or sessions at about a kilobyte each, and the sorting buffer of the options, beyond
/// which rows go to a temporary file. What lies beyond the others is not compared, and the report
/// says so.
public final class TableLinter {
    private let table: SourceTable
    private let options: ImportOptions
    private let definition: PipelineDefinition?
    private var notes = LintNotes()
    private var rowCount = 0
    private var sorter: TimeSorter
    /// How much is held; tests set less.
    var bounds = LintBounds()

    /// What was looked at before; it is read from there.
    public var glance: InputGlance?

    /// Prepares a linter.
    ///
    /// - Parameters:
    ///   - table: Whose rows they are.
    ///   - options: The tenant and the prefix of requests, what stops it, and where it sorts.
    ///   - definition: Of rows of requests the definition that they should keep; nil for the
    ///     built-in one, which is open: other stages and event types are no findings.
    public init(
        _ table: SourceTable,
        options: ImportOptions = ImportOptions(),
        definition: PipelineDefinition? = nil
    ) {
        self.table = table
        self.options = options
        self.definition = definition
        sorter = TimeSorter(
            byteCountMax: options.sortByteCountMax,
            folder: options.temporaryFolder
        )
    }

    /// Reads inputs as parts of one table.
    ///
    /// - Parameter inputs: CSV or JSON lines; of requests logs of cases, too.
    /// - Returns: What was found.
    /// - Throws: ``ImportError`` where an input cannot be read at all, or not be sorted.
    public func run(_ inputs: [ImportInput]) throws(ImportError) -> LintReport {
        var check: any TableCheck =
            switch table {
            case .touch: TouchCheck(bounds)
            case .interaction: InteractionCheck(bounds)
            case .pipeline: PipelineCheck(definition, bounds)
            case .system: SystemCheck(bounds)
            case .prompt: PromptCheck(bounds)
            }
        for input in inputs {
            notes.sources.append(input.path)
            let bytes = try InputGlance.open(input.path, seenBy: glance)
            guard let format = input.format ?? ImportFormat.detected(in: bytes.beginning) else {
                throw bytes.error(bytes.beginning.isEmpty ? .empty : .unknownFormat)
            }
            if table == .pipeline, format == .xes || format == .temporal {
                try read(logReader(of: bytes, format, stem: input.stem), &check)
            } else {
                // The tenant of rows that name none was said.
                let shape =
                    options.tenant == nil ? table.shape : table.shape.allowing(without: "tenant")
                try read(shape.reader(of: bytes, format), &check)
            }
        }
        try readSorted(&check)
        check.finish(&notes)
        var report = LintReport(table: table)
        report.rowCount = rowCount
        report.findings = notes.all
        report.limits = notes.limits
        return report
    }

    private func logReader(
        of bytes: InputBytes,
        _ format: ImportFormat,
        stem: String
    ) throws(ImportError) -> any ImportReader {
        let prefix = options.prefix ?? stem
        if format == .xes {
            return XESReader(bytes, prefix: prefix, tenant: options.tenant ?? stem)
        }
        return try TemporalReader(bytes, prefix: prefix, tenant: options.tenant ?? "temporal")
    }

    private func read(
        _ found: any ImportReader,
        _ check: inout any TableCheck
    ) throws(ImportError) {
        var reader = found
        while let item = try reader.next() {
            try stopIfAsked()
            rowCount += 1
            switch item {
            case .bad(let error): notes.add(.badRow, mark(error), error.reason.description)
            case .row(let row):
                let mark = LintMark(source: notes.sources.count - 1, place: row.place)
                check.take(row, mark, &notes)
            }
        }
    }

    private func read(
        _ found: any TableReader,
        _ check: inout any TableCheck
    ) throws(ImportError) {
        var reader = found
        while let item = try reader.next() {
            try stopIfAsked()
            rowCount += 1
            switch item {
            case .bad(let error): notes.add(.badRow, mark(error), error.reason.description)
            case .row(let row, let line):
                let mark = LintMark(source: notes.sources.count - 1, place: .line(line))
                checkLengths(of: row, mark)
                do throws(RowFault) {
                    try check.take(row, mark, tenant: options.tenant, &notes)
                } catch {
                    notes.add(.badRow, mark, error.reason.description)
                    continue
                }
                guard let key = check.orderKey else { continue }
                try sorter.add(row.encoded(source: mark.source, line: line), at: key)
            }
        }
    }

    /// Has the rows that were set aside taken in the order of an import.
    private func readSorted(_ check: inout any TableCheck) throws(ImportError) {
        while let record = try sorter.next() {
            try stopIfAsked()
            do {
                let found = try TableRow.decode(record, table.shape)
                let mark = LintMark(source: found.source, place: .line(found.line))
                try check.takeOrdered(found.row, mark, &notes)
            } catch {
                // It was read before it was set aside.
                let damage = PipelineCodecError.truncated(offset: 0)
                throw ImportError(source: options.temporaryFolder, reason: .codec(damage))
            }
        }
    }

    private func stopIfAsked() throws(ImportError) {
        guard options.shouldStop() else { return }
        throw ImportError(source: notes.sources.last ?? "", reason: .stopped)
    }

    private func mark(_ error: ImportError) -> LintMark {
        LintMark(source: notes.sources.count - 1, place: error.place ?? .line(0))
    }

    private func checkLengths(of row: TableRow, _ mark: LintMark) {
        for (index, column) in row.table.columns.enumerated() {
            guard let max = column.characterCountMax, let cell = row.cell(index), cell.count > max
            else { continue }
            // PostgreSQL counts scalars, and no byte of UTF-8 but a scalar's first begins one.
            let count = cell.count { $0 & 0xC0 != 0x80 }
            guard count > max else { continue }
            notes.add(.overLongField, mark, "\(column.name) has \(count) characters of \(max)")
        }
    }
}

/// What is looked for in the rows of one table.
protocol TableCheck {
    /// Takes the next row.
    ///
    /// - Throws: Why an import would refuse it.
    mutating func take(
        _ row: TableRow,
        _ mark: LintMark,
        tenant: String?,
        _ notes: inout LintNotes
    ) throws(RowFault)

    /// Where the row that was taken last stands in the order of an import; nil where nothing hangs
    /// on that.
    var orderKey: TimeKey? { get }

    /// Takes a row once more, after all were taken, in the order of their keys.
    ///
    /// - Throws: What taking it did not find, which cannot be.
    mutating func takeOrdered(
        _ row: TableRow,
        _ mark: LintMark,
        _ notes: inout LintNotes
    ) throws(RowFault)

    /// Takes the next event of a log of cases.
    mutating func take(_ row: ImportRow, _ mark: LintMark, _ notes: inout LintNotes)

    /// Says what only the end shows.
    mutating func finish(_ notes: inout LintNotes)
}

extension TableCheck {
    var orderKey: TimeKey? { nil }

    mutating func takeOrdered(
        _ row: TableRow,
        _ mark: LintMark,
        _ notes: inout LintNotes
    ) throws(RowFault) {}

    mutating func take(_ row: ImportRow, _ mark: LintMark, _ notes: inout LintNotes) {}

    mutating func finish(_ notes: inout LintNotes) {}
}

extension LintNames {
    /// Notes a name that was seen before; whether it was not.
    @discardableResult
    mutating func check(
        _ name: String?,
        _ column: String,
        _ mark: LintMark,
        _ notes: inout LintNotes
    ) -> Bool {
        guard let name else { return true }
        let isNew = insert(name)
        if !isNew { notes.add(.duplicateKey, mark, "\(column) \(LintNotes.shown(name))") }
        if isFull { notes.reach("\(column): only the first \(countMax) are compared") }
        return isNew
    }
}

extension LintNotes {
    /// Notes what looks like personal data.
    mutating func checkPersonal(_ bytes: ArraySlice<UInt8>?, _ column: String, _ mark: LintMark) {
        guard let bytes, let found = PersonalData.first(in: bytes) else { return }
        add(.personalData, mark, "\(column) has \(found)")
    }
}
