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
            stuck_requests is of those that 'cairn stuck' lists. To count them, and \
            metadata_bytes, takes a pass over the journal where the tables of 'cairn import' or \
            'cairn index' do not tell them; of one that is too long for that they are not known, \
            which is said.

            As of a moment it is what a journal cut there would hold, and streams are counted in such \
            a pass as well. What is told of the file (bytes, the index, tables, readers, the running \
            hash) is known of now alone.
            """
    )

    @OptionGroup var sight: SightOptions
    @Option(
        help: ArgumentHelp(
            "The longest journal to go through, in events; 1000000 by default.",
            valueName: "count"
        )
    )
    var scanMax: UInt64 = 1_000_000

    @OptionGroup var clock: ClockOptions

    func run() async throws {
        let open = try sight.open()
        let information = try await journaling(open.path) { () async throws(JournalError) in
            try open.journal.information()
        }
        let now = clock.now ?? open.now
        let bound = open.bound
        let eventCount =
            information.eventCount
            - (bound.map { information.lastPosition.rawValue - $0.rawValue } ?? 0)
        let mayPass = eventCount <= scanMax
        let board = OperatingBoard(open.journal, asOf: bound)
        let lastDay = try await reading(open.path) { () async throws(IncidentError) in
            try await board.eventCountOfLastDay(at: now)
        }
        let (metadata, stuck) = await contents(of: open, at: now, mayPass ? nil : eventCount)
        var details = Details()
        details.add("events", .count(eventCount))
        if let bound {
            try await addPast(upTo: bound, of: open, mayPass: mayPass, to: &details)
        } else {
            details.add("streams", .count(information.streamCount))
            details.add("last_position", .count(information.lastPosition.rawValue))
            details.add("last_recorded_at", .time(information.lastRecordedAt))
        }
        // Of the file nobody knows how it was.
        let file = bound == nil ? information : nil
        details.add("indexed_position", .integer(file.map { Int64($0.indexedPosition.rawValue) }))
        details.add("bytes", .integer(file.map { Int64($0.byteCount) }))
        details.add("events_last_day", .count(lastDay))
        details.add(
            "bytes_per_day",
            .integer(file.map { Int64(clamping: $0.byteCount(ofEvents: lastDay)) })
        )
        details.add("metadata_bytes", .integer(metadata))
        details.add("stuck_requests", .integer(stuck))
        details.add("tables", Self.array(file?.tables, of: Self.tables), isInText: false)
        details.add("readers", Self.array(file?.readers, of: Self.readers), isInText: false)
        details.add(
            "oldest_reader_seconds",
            .seconds(file?.readers.compactMap(\.ageSecondsMax).max())
        )
        details.add("running_hash", .text(file?.runningHash.digest.hexadecimal))
        try details.print(
            as: open.format,
            followedBy: [
                file.map { Self.tables.text($0.tables) } ?? "",
                file.map { $0.readers.isEmpty ? "" : Self.readers.text($0.readers) } ?? "",
            ]
        )
    }

    /// What takes a pass where no tables tell it; nil for what is not known, which is said.
    ///
    /// Without one where a number of events says that the journal has too many for it.
    private func contents(
        of open: OpenSight,
        at now: Timestamp,
        _ longCount: UInt64?
    ) async -> (metadata: Int64?, stuck: Int64?) {
        do {
            let definition = try await PipelineFile.definition(
                given: nil,
                rememberedBy: open.journal,
                upTo: open.bound
            )
            let board = OperatingBoard(open.journal, asOf: open.bound, definition: definition)
            let stuck = try await board.stuckCount(at: now, mayPass: longCount == nil)
            let metadata = try await board.metadataByteCount(mayPass: longCount == nil)
            if let longCount { noteUnknown(metadata, stuck, longCount) }
            return (metadata, stuck)
        } catch {
            // The rest is true whatever a row holds.
            let reason = (error as? CommandFailure)?.message ?? "\(error)"
            Terminal.note(
                "cairn: info: metadata_bytes and stuck_requests are not known: \(reason)"
            )
            return (nil, nil)
        }
    }

    /// Says which numbers would take a pass over a journal that is too long for it.
    private func noteUnknown(_ metadata: Int64?, _ stuck: Int64?, _ eventCount: UInt64) {
        var names: [String] = []
        if metadata == nil { names.append("metadata_bytes") }
        if stuck == nil { names.append("stuck_requests") }
        guard !names.isEmpty else { return }
        Terminal.note(
            "cairn: info: \(names.joined(separator: " and ")) would take a pass over all "
                + "\(eventCount) events, more than --scan-max; 'cairn index' makes tables that tell it"
        )
    }

    /// Adds what the journal was as of a position, if it is not too long to count its streams.
    private func addPast(
        upTo bound: Position,
        of open: OpenSight,
        mayPass: Bool,
        to details: inout Details
    ) async throws(CommandFailure) {
        let journal = open.journal
        var streamCount: Int64 = 0
        let last = try await journaling(open.path) { () async throws(JournalError) in
            if mayPass {
                try await journal.forEachEvent(upTo: bound) { header, _ in
                    if header.sequence.rawValue == 1 { streamCount += 1 }
                    return .proceed
                }
            }
            return try await journal.record(at: bound)
        }
        details.add("streams", .integer(mayPass ? streamCount : nil))
        details.add("last_position", .count(bound.rawValue))
        details.add("last_recorded_at", .time(last?.recordedAt))
    }

    private static func array<Row>(_ rows: [Row]?, of listing: Listing<Row>) -> OutputValue {
        guard let rows else { return .json(nil) }
        return .array(rows.map { .object(listing.members(of: $0)) })
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
