internal import ArgumentParser
internal import CairnCore
internal import CairnJournal
internal import CairnLMDB

/// What can be saved of a damaged journal.
struct SalvageVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "salvage",
        abstract: "Copies what stands before the first damage out of a damaged journal.",
        discussion: """
            The damaged journal is not changed. Ends with exit code 1 if anything is lost; the \
            copy is whole up to there.
            """
    )

    @Argument(
        help: ArgumentHelp("Where the copy goes; nothing may be there.", valueName: "dest"),
        completion: .directory
    )
    var destination: String

    @OptionGroup var journal: JournalOptions

    func run() async throws {
        let path = try journal.path()
        try CommandFailure.refuse(destination, within: path)
        let report: SalvageReport
        do {
            try Self.requireJournal(path)
            report = try LMDBJournal.salvage(from: path, to: destination)
        } catch {
            throw CommandFailure(copying: error, from: path, to: destination)
        }
        var details = Details()
        details.add("ok", .bool(report.isComplete))
        details.add("path", .text(destination))
        details.add("events", .count(report.eventCount))
        details.add("last_position", .count(report.lastPosition.rawValue))
        details.add("stated_last_position", .position(report.statedLastPosition))
        details.add("lost", .array(report.lost.map(Self.range)))
        details.add("stranded", .array(report.stranded.map(Self.range)))
        try details.print(as: journal.format)
        PartPath(of: destination)?.noteLeftovers(of: "salvage")
        if !report.isComplete { throw CommandFailure.finding }
    }

    /// Refuses a file with nothing of a journal in it, before anything is made.
    ///
    /// A folder is looked at as it is: nobody names one by mistake that has a `data.mdb`.
    private static func requireJournal(_ path: String) throws(JournalError) {
        guard FileBytes.isFile(path) else { return }
        guard let report = try? JournalInspector.salvage(path: path, into: { _, _ in }),
            report.source == .none, report.eventCount == 0, report.statedLastPosition == nil,
            report.stranded.isEmpty
        else { return }
        throw .notAJournal(path: path, reason: "it is a file with nothing of a journal in it")
    }

    private static func range(_ range: ClosedRange<Position>) -> OutputValue {
        .object([("first", .position(range.lowerBound)), ("last", .position(range.upperBound))])
    }
}

extension OutputValue {
    /// A place in the journal, or nothing.
    static func position(_ position: Position?) -> OutputValue {
        position.map { .count($0.rawValue) } ?? .text(nil)
    }
}
