internal import ArgumentParser
internal import CairnJournal
internal import CairnLMDB

/// Which journal, and how results are printed: what every verb takes.
struct JournalOptions: ParsableArguments {
    static let pathName = NameSpecification.customLong("journal")
    static let pathHelp = ArgumentHelp(
        "The journal's folder; by default what CAIRN_JOURNAL names.",
        valueName: "path"
    )
    static let formatHelp: ArgumentHelp =
        "How results are printed: text for people, json for programs."

    @Option(name: pathName, help: pathHelp, completion: .directory)
    var givenPath: String?

    @Option(help: formatHelp)
    var format: OutputFormat = .text

    /// The journal's folder.
    func path() throws(CommandFailure) -> String { try Self.path(givenPath) }

    /// The journal's folder, by what was given.
    static func path(_ givenPath: String?) throws(CommandFailure) -> String {
        let path = givenPath ?? Terminal.environment("CAIRN_JOURNAL") ?? ""
        guard !path.isEmpty else {
            throw CommandFailure(
                .usage,
                "no journal is named; give --journal PATH or set CAIRN_JOURNAL"
            )
        }
        return path
    }

    /// Opens the journal for a verb that adds to it.
    func openForWriting(creating: Bool) throws(CommandFailure) -> LMDBJournal {
        var configuration = LMDBJournal.Configuration()
        configuration.createsIfMissing = creating
        return try Self.open(try path(), configuration)
    }

    static func open(
        _ path: String,
        _ configuration: LMDBJournal.Configuration
    ) throws(CommandFailure) -> LMDBJournal {
        do {
            return try LMDBJournal(path: path, configuration: configuration)
        } catch {
            throw CommandFailure(
                error,
                path: path,
                isWriting: !configuration.isReadOnly,
                isCreating: configuration.createsIfMissing
            )
        }
    }
}

extension OutputFormat: ExpressibleByArgument {}
