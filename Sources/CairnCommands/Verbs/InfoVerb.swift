internal import ArgumentParser
internal import CairnCore
internal import CairnJournal
internal import CairnLMDB

/// How large a journal is and who reads it.
struct InfoVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Shows how large the journal is and who reads it."
    )

    @OptionGroup var journal: JournalOptions
    @OptionGroup var copy: CopyOptions

    func run() async throws {
        let path = try journal.path()
        let opened = try copy.open(path)
        let information = try await journaling(path) { () async throws(JournalError) in
            try opened.information()
        }
        var details = Details()
        details.add("events", .count(information.eventCount))
        details.add("streams", .count(information.streamCount))
        details.add("last_position", .count(information.lastPosition.rawValue))
        details.add("last_recorded_at", .time(information.lastRecordedAt))
        details.add("indexed_position", .count(information.indexedPosition.rawValue))
        details.add("bytes", .integer(Int64(information.byteCount)))
        details.add(
            "tables",
            .array(information.tables.map { .object(Self.tables.members(of: $0)) }),
            isInText: false
        )
        details.add(
            "readers",
            .array(information.readers.map { .object(Self.readers.members(of: $0)) }),
            isInText: false
        )
        let oldest = information.readers.compactMap(\.ageSecondsMax).max()
        details.add("oldest_reader_seconds", .seconds(oldest))
        details.add("running_hash", .text(information.runningHash.digest.hexadecimal))
        let readers = information.readers.isEmpty ? "" : Self.readers.text(information.readers)
        try details.print(
            as: journal.format,
            followedBy: [Self.tables.text(information.tables), readers]
        )
    }

    private static let tables = Listing<JournalInformation.TableSize>(
        columns: [
            .init("name") { .text($0.name) },
            .init("entries") { .integer(Int64($0.entryCount)) },
            .init("bytes") { .integer(Int64($0.byteCount)) },
        ],
        emptyText: ""
    )

    private static let readers = Listing<JournalInformation.Reader>(
        columns: [
            .init("process") { .integer(Int64($0.processID)) },
            .init("transaction") { .count($0.transactionID) },
            .init("behind") { .bool($0.isBehind) },
            .init("seconds") { .seconds($0.ageSecondsMax) },
        ],
        emptyText: ""
    )
}
