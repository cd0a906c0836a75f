internal import ArgumentParser
internal import CairnCore
internal import CairnJournal
internal import CairnLMDB

/// The index tables, brought up to the journal's end.
struct IndexVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "index",
        abstract: "Brings the index tables up to the journal's end.",
        discussion: "Happens by itself while events are appended; nobody has to run it."
    )

    @OptionGroup var journal: JournalOptions

    func run() async throws {
        let path = try journal.path()
        let opened = try journal.openForWriting(creating: false)
        defer { opened.close() }
        let indexed = try await journaling(path) { () async throws(JournalError) in
            try await opened.flushIndex()
            return try opened.information().indexedPosition
        }
        var details = Details()
        details.add("indexed_position", .count(indexed.rawValue))
        try details.print(as: journal.format)
    }
}
