internal import CairnCore
internal import CairnDomains
internal import CairnIncident

/// How what would be different about a request is shown.
enum RequestWhatIfListing {
    static func print(
        _ answer: RequestWhatIf,
        limit: Int,
        as format: OutputFormat
    ) throws(CommandFailure) {
        var details = Details()
        details.add("pagw_id", .text(answer.requestID))
        let historyTables = listing.add(answer.history, limit: limit, to: &details)
        let rests = [("old", answer.recordedRest), ("new", answer.rest)]
        details.add(
            "stuck",
            .object(
                rests.map { name, rest in
                    (name, rest.map { .object(Self.rests.members(of: ("", $0))) } ?? .text(nil))
                }
            ),
            isInText: false
        )
        details.add(
            "retries",
            .array(answer.retries.map { .object(retries.members(of: $0)) }),
            isInText: false
        )
        guard answer.differs else {
            try details.print(as: format, followedBy: ["nothing differs\n"])
            return
        }
        let changedRetries = answer.retries.filter(\.differs)
        let tables = [
            answer.recordedRest == answer.rest
                ? "" : Self.restTable.text(rests.map { ($0.0, $0.1) }),
            changedRetries.isEmpty ? "" : retries.text(changedRetries),
        ]
        try details.print(as: format, followedBy: historyTables + tables)
    }

    private static let listing = WhatIfListing<RequestMachine>(
        eventColumns: [
            .init("sequence_no", isInText: false) { .integer($0.row?.sequenceNumber) },
            .init("stage") { .text($0.row?.stage) },
            .init("event_type") { .text($0.row?.eventType ?? "removed") },
            .init("status") { .status($0.row?.status) },
            .init("attempt") { .integer($0.row?.attempt) },
            .init("next_retry_at", isInText: false) { .time($0.row?.nextRetryAt) },
            .init("created_at") { .time($0.row?.createdAt) },
        ]
    )

    private static let rests = Listing<(history: String, rest: RequestRest)>(
        columns: [
            .init("stage") { .text($0.rest.stage) },
            .init("event_type") { .text($0.rest.eventType) },
            .init("status") { .status($0.rest.status) },
            .init("created_at") { .time($0.rest.since) },
            .init("deadline") { .time($0.rest.deadline) },
            .init("stuck") { .bool($0.rest.isStuck) },
            .init("reason") { .text($0.rest.reason.rawValue) },
        ],
        emptyText: ""
    )

    private static let restTable = Listing<(history: String, rest: RequestRest?)>(
        columns: [.init("stuck") { .text($0.history) }]
            + rests.columns.map { column in
                .init(column.name) { row in
                    row.rest.map { column.value((row.history, $0)) } ?? .text(nil)
                }
            },
        emptyText: ""
    )

    private static let retries = Listing<RetryOutlook>(
        columns: [
            .init("line") { .integer(Int64($0.line + 1)) },
            .init("stage") { .text($0.stage) },
            .init("attempt") { .integer($0.attempt) },
            .init("failed_at") { .time($0.failedAt) },
            .init("next_retry_at") { .time($0.recordedRetryAt) },
            .init("what_if_next_retry_at") { .time($0.retryAt) },
            .init("policy", text: { .text($0.recordedPolicy?.text) }) { choice($0.recordedPolicy) },
            .init("what_if_policy", text: { .text($0.policy?.text) }) { choice($0.policy) },
        ],
        emptyText: ""
    )

    private static func choice(_ choice: RetryChoice?) -> OutputValue {
        guard let choice else { return .text(nil) }
        var times: (earliest: Timestamp?, latest: Timestamp?)
        if case .again(let earliest, let latest) = choice { times = (earliest, latest) }
        return .object([
            ("choice", .text(choice.word)), ("earliest", .time(times.earliest)),
            ("latest", .time(times.latest)),
        ])
    }
}

extension RetryChoice {
    fileprivate var word: String {
        switch self {
        case .again: "again"
        case .exhausted: "exhausted"
        case .final: "final"
        }
    }

    /// The choice for people.
    fileprivate var text: String {
        switch self {
        case .again(let earliest, let latest):
            earliest == latest
                ? "at \(latest.shortText)" : "\(earliest.shortText) to \(latest.shortText)"
        case .exhausted(let max): "no: \(max) attempt\(max == 1 ? "" : "s") at most"
        case .final: "no: it is final"
        }
    }
}
