internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnServices

/// Which rows an export is about.
struct RowFilter {
    private let request: String?
    private let tenant: String?
    private let type: String?
    private let stage: String?
    private let status: String?
    private let since: Timestamp
    private let until: Timestamp?
    private let predicate: Predicate<EventRow>?

    init(
        request: String?,
        selection: SelectionOptions,
        predicate: Predicate<EventRow>?,
        now: Timestamp
    ) {
        self.request = request
        tenant = selection.tenant
        type = selection.type
        stage = selection.stage
        status = selection.status.map { PipelineStatus($0).word }
        since = selection.since?.instant(now: now) ?? .distantPast
        until = selection.until?.instant(now: now)
        self.predicate = predicate
    }

    func includes(_ row: ExportRow) -> Bool {
        let event = row.event
        guard event.createdAt >= since else { return false }
        let asked = [
            (request, row.request), (tenant, event.tenant), (type, event.eventType),
            (stage, event.stage), (status, event.status.word),
        ]
        for (wanted, found) in asked {
            if let wanted, !found.hasSameBytes(as: wanted) { return false }
        }
        if let until, event.createdAt >= until { return false }
        guard let predicate else { return true }
        return predicate.matches(
            EventRow(
                requestID: row.request,
                position: row.position,
                sequence: row.sequence,
                recordedAt: event.createdAt,
                event: event
            )
        )
    }
}
