internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// A history that did not happen, beside the one that did.
struct WhatIfVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "what-if",
        abstract: "Shows what would be different, had other events happened or other rules held.",
        discussion: """
            Events are named by their sequence, their place in the request's own history, or as \
            @POSITION; they keep these names whatever else is changed. The changed history is folded \
            beside the recorded one. Recorded events are facts: nothing is decided anew but when a \
            failure that still waits is tried again, where --retry-policy or --pipeline says so. \
            No clock is asked, nothing is sent, and nothing is written.

            --pipeline gives the rules of the changed history; the recorded one is read by those \
            that the journal remembers. Requests are stuck as 'stuck --deadlines' has it, and tried \
            again as 'retries --open' has it. With no change at all, nothing differs.

            Exit codes: 64 for changes that make no sense, 65 for those that do not fit the history.
            """
    )

    @Argument(help: "The request's pagw_id.")
    var request: String

    @OptionGroup var changes: OverlayOptions
    @OptionGroup var policy: PolicyOptions
    @OptionGroup var read: ReadOptions
    @OptionGroup var clock: ClockOptions

    func run() async throws {
        let overlay = try changes.overlay()
        let rules = try policy.changes()
        let open = try await read.open()
        let recorded = try await PipelineFile.definition(
            given: nil,
            rememberedBy: open.journal,
            upTo: open.bound
        )
        let view = PipelineView(open.journal, asOf: open.bound, definition: recorded)
        let answer: RequestWhatIf
        do throws(WhatIfError) {
            let other: PipelineDefinition
            do throws(PolicyChangeError) {
                other = try open.requests.definition.changed(by: rules)
            } catch {
                throw .policy(error)
            }
            answer = try await view.whatIf(
                request,
                overlay,
                by: other,
                now: clock.now ?? open.now
            )
        } catch {
            throw CommandFailure(error, path: open.path)
        }
        try Self.print(answer, as: read.format)
    }

    private static func print(
        _ answer: RequestWhatIf,
        as format: OutputFormat
    ) throws(CommandFailure) {
        var details = Details()
        details.add("pagw_id", .text(answer.requestID))
        listing.add(answer.history, to: &details)
        let rests = [("recorded", answer.recordedRest), ("what_if", answer.rest)]
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
        try details.print(as: format, followedBy: listing.tables(of: answer.history) + tables)
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

extension CommandFailure {
    init(_ error: WhatIfError, path: String) {
        switch error {
        case .incident(let error): self.init(error, path: path)
        case .overlay(let error): self.init(.badInput, error.description)
        case .policy(let error): self.init(.usage, error.description)
        case .event: self.init(.badInput, error.description)
        }
    }
}
