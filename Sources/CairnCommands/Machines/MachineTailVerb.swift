internal import ArgumentParser
internal import CairnCore
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// The last events of a machine's streams, and what comes.
struct MachineTailVerb: MachineVerb {
    static let configuration = CommandConfiguration(
        commandName: "tail",
        abstract: "Shows the last events of all keys in the order they were recorded.",
        discussion: """
            With --follow it goes on with each new event, of any process, until it is stopped; as \
            JSON it then writes one object a line. Filters choose among both. A predicate compares \
            members of the event's document, such as 'held > 2'.
            """
    )

    @Option(help: "Only events of this key.")
    var key: String?

    @Option(help: ArgumentHelp("Only events of this name.", valueName: "name"))
    var event: String?

    @Option(
        name: .customLong("where"),
        help: ArgumentHelp("Only events of which this holds.", valueName: "predicate")
    )
    var predicate: String?

    @OptionGroup var tail: TailOptions
    @OptionGroup var read: MachineOptions

    func validate() throws { try tail.check(read.sight) }

    func run<Rules: InspectableMachine>(on subject: MachineSubject<Rules>) async throws {
        typealias Row = MachineTailRow<Rules>
        let filter = MachineTailFilter(
            machine: subject.machine,
            stream: try key.map { key throws(CommandFailure) in try subject.stream(key) },
            event: event,
            predicate: try Arguments.predicate(predicate)
        )
        let seen = SeenEvents(subject.view, upTo: try end(of: subject.sight))
        let events = JournalTail(sight: subject.sight, limit: tail.limit) { header, frame, stream in
            guard var row = filter.row(header, frame, stream) else { return Row?.none }
            do throws(IncidentError) {
                guard try await seen.contain(row.step, of: stream) else { return nil }
            } catch {
                row.failure = error
            }
            return row
        }
        let listing = Listing<Row>(
            columns: [.init(subject.keyName) { .text($0.stream.key) }]
                + subject.columns.map { column in
                    .init(column.name, isInText: column.isInText) { column.value($0.step) }
                },
            emptyText: "no such events"
        )
        let end = try await events.end()
        guard tail.follow else {
            // What comes before one that cannot be read is shown all the same.
            let rows = end.rows.prefix { $0.failure == nil }
            try listing.print(Array(rows), as: subject.sight.format)
            for row in end.rows { try row.check(subject.path) }
            return
        }
        var printer = RowPrinter(listing: listing, format: subject.sight.format)
        for row in end.rows { try printer.print(try row.checked(subject.path)) }
        try await events.follow(after: end.last) { row in
            try printer.print(try row.checked(subject.path))
        }
    }
}

extension MachineTailVerb {
    private func end(of sight: OpenSight) throws(CommandFailure) -> Position {
        if let bound = sight.bound { return bound }
        do throws(JournalError) { return try sight.journal.head().lastPosition } catch {
            throw CommandFailure(error, path: sight.path)
        }
    }
}

/// An event of one of a machine's streams, or why it cannot be read.
private struct MachineTailRow<Rules: InspectableMachine> {
    let stream: StreamID
    let step: MachineStep<Rules.Event>
    var failure: IncidentError?

    func check(_ path: String) throws(CommandFailure) {
        if let failure { throw CommandFailure(failure, path: path) }
    }

    func checked(_ path: String) throws(CommandFailure) -> Self {
        try check(path)
        return self
    }
}

/// Which events of a machine's streams are shown.
private struct MachineTailFilter<Rules: InspectableMachine> {
    let machine: Rules
    let stream: StreamID?
    let event: String?
    let predicate: Predicate<DocumentRecord>?

    /// The event, if it is one of those; one that cannot be read is, as far as its stream goes.
    func row(_ header: EventHeader, _ frame: [UInt8], _ id: StreamID) -> MachineTailRow<Rules>? {
        guard id.kind == machine.streamKind, stream == nil || stream == id else { return nil }
        var found: Rules.Event?
        var failure: IncidentError?
        do throws(EventCodecError) {
            found = try machine.event(header, frame: frame.span.bytes)
            guard fits(found) else { return nil }
        } catch {
            failure = .unreadable(position: header.position, error)
        }
        let step = MachineStep(
            position: header.position,
            sequence: header.sequence,
            recordedAt: header.recordedAt,
            occurredAt: header.occurredAt,
            type: header.type(in: frame.span.bytes),
            event: found
        )
        return MachineTailRow(stream: id, step: step, failure: failure)
    }

    private func fits(_ found: Rules.Event?) -> Bool {
        guard event != nil || predicate != nil else { return true }
        guard let found else { return false }
        if let event, !machine.name(of: found).hasSameBytes(as: event) { return false }
        return predicate?.matches(DocumentRecord(machine.document(of: found))) ?? true
    }
}
