internal import CairnCore
internal import CairnDomains
internal import CairnIncident

/// How what would be different about an item is shown.
enum ItemWhatIfListing {
    static func print(
        _ answer: ItemWhatIf,
        limit: Int,
        as format: OutputFormat
    ) throws(CommandFailure) {
        var details = Details()
        let recorded = answer.history.recordedState.request
        details.add("idempotency_key", .text(recorded?.key?.name))
        details.add("interaction_uuid", .text(recorded?.message?.uuid))
        details.add("verdict", .text(answer.recorded.verdict.word))
        details.add("what_if_verdict", .text(answer.hypothetical.verdict.word))
        details.add("next", .text(answer.recorded.next.rawValue))
        details.add("what_if_next", .text(answer.hypothetical.next.rawValue))
        details.add("retry_at", .time(answer.recorded.retryAt))
        details.add("what_if_retry_at", .time(answer.hypothetical.retryAt))
        let tables = listing.add(answer.history, limit: limit, to: &details)
        try details.print(as: format, followedBy: answer.differs ? tables : ["nothing differs\n"])
    }

    private static let listing = WhatIfListing<ItemMachine>(
        eventColumns: [
            .init("type") { .text(ItemMachine().name(of: $0)) },
            .init("at") { .time($0.at) },
            .init("summary") { value($0, "summary") },
        ]
    )

    private static func value(_ event: ItemEvent, _ member: String) -> OutputValue {
        .value(ItemMachine().document(of: event)[member] ?? .null)
    }
}
