internal import ArgumentParser
internal import CairnCore
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB
internal import CairnServices

/// How large a journal is and who reads it.
struct InfoVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Shows how large the journal is and who reads it.",
        discussion: """
            stuck_requests are those that 'cairn stuck' lists. To count them, and metadata_bytes \
            without the tables of 'cairn import' or 'cairn index', takes a pass over the journal; \
            of one that is too long for that they are not known.
            """
    )

    @OptionGroup var journal: JournalOptions
    @OptionGroup var copy: CopyOptions
    @Option(
        help: ArgumentHelp(
            "The longest journal to go through, in events; 1000000 by default.",
            valueName: "count"
        )
    )
    var scanMax: UInt64 = 1_000_000

    @OptionGroup var clock: ClockOptions

    func run() async throws {
        let path = try journal.path()
        let opened = try copy.open(path)
        let information = try await journaling(path) { () async throws(JournalError) in
            try opened.information()
        }
        let now = clock.now ?? .now()
        let mayPass = information.eventCount <= scanMax
        let board = OperatingBoard(opened)
        let lastDay = try await reading(path) { () async throws(IncidentError) in
            try await board.eventCountOfLastDay(at: now)
        }
        var metadata: Int64?
        var stuck: Int64?
        do throws(IncidentError) {
            stuck = mayPass ? try await board.stuckCount(at: now) : nil
            metadata = try await board.metadataByteCount(mayPass: mayPass)
        } catch {
            // The rest is true whatever a row holds.
            stuck = nil
            Terminal.note(
                "cairn: info: metadata_bytes and stuck_requests are not known: \(error)"
            )
        }
        var details = Details()
        details.add("events", .count(information.eventCount))
        details.add("streams", .count(information.streamCount))
        details.add("last_position", .count(information.lastPosition.rawValue))
        details.add("last_recorded_at", .time(information.lastRecordedAt))
        details.add("indexed_position", .count(information.indexedPosition.rawValue))
        details.add("bytes", .integer(Int64(information.byteCount)))
        details.add("events_last_day", .count(lastDay))
        details.add("bytes_per_day", .count(information.byteCount(ofEvents: lastDay)))
        details.add("metadata_bytes", .integer(metadata))
        details.add("stuck_requests", .integer(stuck))
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

extension JournalInformation {
    /// How much room so many events take, as the mean of all.
    fileprivate func byteCount(ofEvents count: UInt64) -> UInt64 {
        let bytes = UInt64(clamping: byteCount).multipliedFullWidth(by: count)
        guard eventCount > 0, bytes.high < eventCount else { return 0 }
        return eventCount.dividingFullWidth(bytes).quotient
    }
}
