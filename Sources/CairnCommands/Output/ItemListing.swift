internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnServices

/// How items are shown: under the names of the columns of seed 001, and then our own.
enum ItemListing {
    static func listing(emptyText: String) -> Listing<ItemRow> {
        Listing(columns: columns, emptyText: emptyText)
    }

    private static let columns: [Listing<ItemRow>.Column] = [
        .init("interaction_uuid") { .text($0.uuid) },
        .init("customer_id") { .text($0.customer) },
        .init("idempotency_key") { .text($0.key) },
        .init("channel") { .text($0.channel?.word) },
        .init("status") { .text($0.status?.word) },
        .init("verdict") { .text($0.verdict.word) },
        .init("attempt") { .integer($0.attempt) },
        .init("body_content", isInText: false) { .text($0.body) },
        .init("provider", isInText: false) { .text($0.provider) },
        .init("notify_reference", isInText: false) { .text($0.notifyReference) },
        .init("provider_reference") { .text($0.providerReference) },
        .init("meta_data", isInText: false) { metadata($0) },
        .init("created_at") { .time($0.createdAt) },
        .init("updated_at", isInText: false) { .time($0.updatedAt) },
        .init("job") { .text($0.job) },
        .init("run", isInText: false) { .integer($0.run.map { Int64(clamping: $0) }) },
        .init("in_flight_until") { .time(flightEnd($0)) },
        .init("in_doubt_for") { .span($0.inDoubtFor) },
        .init("retry_at") { .time($0.retryAt) },
        .init("reason") { .text($0.reason) },
        .init("resolved_by") { .text($0.resolvedBy) },
        .init("contradiction", isInText: false) { .bool($0.isContradicted) },
        .init("anomaly_count") { .rareCount($0.anomalyCount) },
        .init("worker", isInText: false) {
            .integer($0.state.current.map { Int64(clamping: $0.worker.rawValue) })
        },
        .init("holder_alive", isInText: false) { $0.isHolderAlive.map { .bool($0) } ?? .text(nil) },
        .init("position", isInText: false) { .count($0.position.rawValue) },
    ]

    private static let events = Listing<ItemEventLine>(
        columns: [
            .init("position") { .count($0.position.rawValue) },
            .init("recorded_at") { .time($0.recordedAt) },
            .init("type") { .text($0.type) },
            .init("summary") { .text($0.summary) },
            .init("anomaly") { .mark($0.isAnomaly) },
        ],
        emptyText: ""
    )

    /// Prints one item with the events behind it.
    static func print(_ sight: ItemSight, as format: OutputFormat) throws(CommandFailure) {
        var details = Details()
        for (name, value) in listing(emptyText: "").members(of: sight.row) {
            details.add(name, value)
        }
        details.add("dropped_report_count", .rareCount(sight.droppedReportCount))
        let lines = sight.events.map { OutputValue.object(events.members(of: $0)) }
        details.add("events", .array(lines), isInText: false)
        try details.print(as: format, followedBy: [events.text(sight.events)])
    }

    /// Until when a holder expects to be done, by the wall clock as it stands now; nil where nobody
    /// holds it, or nobody has since this machine was started.
    private static func flightEnd(_ row: ItemRow) -> Timestamp? {
        let boot = ServiceClock.system.boot()
        guard case .inFlight(_, let until) = row.verdict, row.isHolderAlive != false,
            until.boot == boot.boot
        else { return nil }
        let rest = Timestamp(nanoseconds: until.nanoseconds)
            .since(Timestamp(nanoseconds: boot.nanoseconds))
        return ServiceClock.system.now().adding(rest)
    }

    /// What the source puts into one document: the template, its payload and what came back.
    private static func metadata(_ row: ItemRow) -> OutputValue {
        guard row.template != nil || row.payload != nil || row.response != nil else {
            return .json(nil)
        }
        return .object([
            ("template", .text(row.template)), ("payload", .document(row.payload)),
            ("response", .document(row.response)),
        ])
    }
}

extension OutputValue {
    /// A document byte for byte; as a text where it is not JSON, which would break what holds it.
    static func document(_ bytes: [UInt8]?) -> OutputValue {
        guard let bytes else { return .json(nil) }
        do {
            try JSONScanner.validate(bytes.span.bytes)
            return .json(bytes)
        } catch {
            return .text(String(decoding: bytes, as: UTF8.self))
        }
    }
}
