internal import ArgumentParser

/// Where a test goes.
struct TestFileOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Where the test goes, which must not exist; by default to standard output.",
            valueName: "file"
        ),
        completion: .file()
    )
    var output: String?

    @Flag(help: "Write over the file.")
    var overwrite = false

    /// The file, with nothing in its way.
    ///
    /// - Parameter journal: The journal that is read.
    /// - Returns: The file; nil for standard output.
    /// - Throws: ``CommandFailure``, as ``OutputFile/init(path:isOverwriting:besides:)``.
    func file(besides journal: String) throws(CommandFailure) -> OutputFile? {
        guard let output else { return nil }
        return try OutputFile(path: output, isOverwriting: overwrite, besides: journal)
    }

    /// Writes the test, and says on standard error how much of the history it has.
    ///
    /// - Parameters:
    ///   - test: The test.
    ///   - file: Where it goes; nil for standard output.
    ///   - format: How results are printed.
    ///   - tool: What the tool is called.
    /// - Throws: ``CommandFailure``, where the test cannot be written.
    func write(
        _ test: WrittenTest,
        to file: OutputFile?,
        _ format: OutputFormat,
        as tool: String
    ) throws(CommandFailure) {
        try file?.write(Array(test.source.utf8))
        switch format {
        case .text: if output == nil { try Terminal.write(test.source) }
        case .json: try test.details(path: output).print(as: .json)
        }
        Terminal.note(
            "\(tool): testcase: kept \(test.keptCount) of "
                + Wording.counted(test.wholeCount, "event")
                + (test.isMinimal
                    ? ""
                    : "; gave up looking for fewer after folding "
                        + "\(WrittenTest.foldedEventCountMax)")
        )
        file?.noteLeftovers(of: "testcase")
    }
}

/// A test that was made of a history, whatever of.
struct WrittenTest {
    /// How many events are folded, each time counted, before the search for fewer is given up.
    static let foldedEventCountMax = 5_000_000

    let suiteName: String
    let source: String
    let facts: [String]
    let wholeCount: Int
    let keptCount: Int
    let isMinimal: Bool

    func details(path: String?) -> Details {
        var details = Details()
        details.add("suite", .text(suiteName))
        details.add("path", .text(path))
        details.add("event_count", .count(UInt64(wholeCount)))
        details.add("kept_count", .count(UInt64(keptCount)))
        details.add("minimal", .bool(isMinimal))
        details.add("facts", .list(facts))
        details.add("source", .text(source))
        return details
    }
}
