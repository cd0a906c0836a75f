internal import ArgumentParser
internal import CairnCore
internal import CairnIncident

/// Where a report goes.
struct ReportFileOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Where the page goes; '-' is standard output. Only a report is written over.",
            valueName: "file"
        ),
        completion: .file()
    )
    var output: String

    @Flag(help: "Write over the file, whatever it is.")
    var overwrite = false

    private var isToStandardOutput: Bool { output == "-" }

    func check(_ format: OutputFormat) throws(ValidationError) {
        if isToStandardOutput, format == .json {
            throw ValidationError("-o - and --format json both want standard output; name a file")
        }
    }

    /// The file, with nothing in its way.
    ///
    /// - Parameter journal: The journal that is read.
    /// - Returns: The file; nil for standard output.
    /// - Throws: ``CommandFailure``, as ``OutputFile/init(path:isOverwriting:besides:)``.
    func file(besides journal: String) throws(CommandFailure) -> OutputFile? {
        guard !isToStandardOutput else { return nil }
        let isReport = try isReport()
        return try OutputFile(
            path: output,
            isOverwriting: overwrite || isReport,
            besides: journal
        )
    }

    /// Writes the page, and tells what is in it.
    ///
    /// - Parameters:
    ///   - report: The report.
    ///   - file: Where it goes; nil for standard output.
    ///   - countName: What the number of its requests is called.
    ///   - format: How the result is printed.
    /// - Throws: ``CommandFailure``, as ``OutputFile/write(_:)``.
    func write(
        _ report: Report,
        to file: OutputFile?,
        countName: String,
        as format: OutputFormat
    ) throws(CommandFailure) {
        let page = report.page
        guard let file else {
            // In pieces: what a pipe takes is little, and the rest is moved each time.
            for start in stride(from: 0, to: page.count, by: 1 << 18) {
                try Terminal.write(Array(page[start..<min(start + 1 << 18, page.count)]))
            }
            return
        }
        try file.write(page)
        var details = Details()
        details.add("path", .text(output))
        details.add(countName, .count(UInt64(report.requestCount)))
        details.add("event_count", .count(UInt64(report.eventCount)))
        details.add("first_created_at", .time(report.createdAt?.lowerBound))
        details.add("last_created_at", .time(report.createdAt?.upperBound))
        details.add("byte_count", .count(UInt64(page.count)), isInText: false)
        try details.print(as: format)
        file.noteLeftovers(of: "report")
    }

    /// Whether the file is a report, which another one may take the place of.
    private func isReport() throws(CommandFailure) -> Bool {
        guard FileBytes.isFile(output) else { return false }
        return Report.isPage(try FileBytes.read(output, first: Report.pageMarkByteCount))
    }
}
