internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident

/// Which events `tail` shows.
struct TailFilterOptions: ParsableArguments {
    @OptionGroup var event: EventFilterOptions

    @Option(help: ArgumentHelp("Only events of this request.", valueName: "pagw-id"))
    var request: String?

    @Option(
        help: "Only streams of this kind, such as pipeline, key or job.",
        completion: .streamKind
    )
    var kind: String?

    @Option(help: ArgumentHelp("Only this stream, such as job/newsletter.", valueName: "kind/key"))
    var stream: String?

    func filter() throws(CommandFailure) -> TailFilter {
        TailFilter(options: self, predicate: try Arguments.predicate(event.predicate))
    }
}

/// What an event must be to be shown.
struct TailFilter {
    let options: TailFilterOptions
    let predicate: Predicate<TailRow>?

    var isEmpty: Bool {
        options.event.isEmpty && options.request == nil && options.kind == nil
            && options.stream == nil
    }

    /// Whether an event is one of those; one that cannot be read is, as far as its stream goes, so
    /// that it is told.
    func fits(_ record: EventRecord) -> Bool {
        guard isSame(options.kind, record.stream.kind.name),
            isSame(options.stream, record.stream.name)
        else { return false }
        guard !isEmpty, let row = try? TailRow(record) else { return true }
        return fits(row)
    }

    private func fits(_ row: TailRow) -> Bool {
        let event = row.event
        let wanted = options.event
        let status = wanted.status.map { PipelineStatus($0).word }
        return isSame(options.request, row.request) && isSame(wanted.tenant, event?.tenant)
            && isSame(wanted.type, row.eventType) && isSame(wanted.stage, event?.stage)
            && isSame(status, event?.status.word) && (predicate?.matches(row) ?? true)
    }

    private func isSame(_ wanted: String?, _ found: String?) -> Bool {
        guard let wanted else { return true }
        return found?.hasSameBytes(as: wanted) ?? false
    }
}

extension TailRow: FieldResolver {
    /// What a field holds; of an event that is no request's, only what all events have.
    func value(of field: EventField, at path: JSONPath) -> PredicateValue {
        switch field {
        case .requestID: .text(request)
        case .eventType: .text(eventType)
        case .position: .integer(Int64(clamping: position.rawValue))
        case .sequence: .integer(Int64(clamping: record.sequence.rawValue))
        case .recordedAt: .time(record.recordedAt)
        case .type: .text(record.type)
        case .tenant, .stage, .status, .sequenceNumber, .attempt, .isRetryable, .nextRetryAt,
            .externalReference, .durationMilliseconds, .errorCode, .errorMessage, .workerID,
            .serviceName, .startedAt, .completedAt, .createdAt, .metadata, .sourceID:
            row?.value(of: field, at: path) ?? .absent
        }
    }
}
