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
            No clock is asked but for what is stuck, unless --now says; nothing is sent or written.

            --pipeline gives the rules of the changed history; the recorded one is read by those \
            that the journal remembers. Requests are stuck as 'stuck --deadlines' has it, and tried \
            again as 'retries --open' has it. With no change at all, nothing differs; 'old' is what \
            was recorded, 'new' what would be.

            With --key or --uuid, an item: what its key stands at in both histories, and what a \
            job that meets it does by the standard policy, as 'resume --dry-run' says it. --insert \
            takes {"type":"callback.received","provider":P,"meaning":"delivered"}, attempt.accepted, \
            attempt.rejected with source, final, reason and retry_at, attempt.doubted with a cause, \
            attempt.settled with verdict and by, attempt.released, and attempt.retry_planned with \
            retry_at; --edit takes members of these. Any other event of an item, such as its intent \
            or a step, is dropped or moved, and neither inserted nor edited.

            Exit codes: 64 for changes that make no sense, 65 for those that do not fit the history.
            """
    )

    @Argument(help: "The request's pagw_id; it stands before the options.")
    var request: String?

    @Option(help: "An item by its idempotency key, instead of a request.")
    var key: String?

    @Option(help: "An item by its interaction_uuid.")
    var uuid: String?

    @OptionGroup var changes: OverlayOptions
    @OptionGroup var policy: PolicyOptions
    @OptionGroup var read: ReadOptions
    @OptionGroup var clock: ClockOptions

    func run() async throws {
        let overlay = try changes.overlay()
        let rules = try policy.changes()
        switch (request, try item()) {
        case (let request?, nil): try await show(request, overlay, rules)
        case (nil, let item?):
            guard rules.isEmpty, read.pipeline == nil else {
                throw CommandFailure(.usage, "an item has no pipeline whose rules could change")
            }
            try await show(item, overlay)
        case (nil, nil):
            throw CommandFailure(
                .usage,
                "no request is named; it stands before the options, or give --key KEY"
            )
        case (_?, _?):
            throw CommandFailure(.usage, "two things are named; give a request, --key or --uuid")
        }
    }

    /// The item that is named; nil for none.
    private func item() throws(CommandFailure) -> ItemName? {
        guard key != nil || uuid != nil else { return nil }
        return try ItemNameOptions.name(key: key, uuid: uuid)
    }

    private func show(
        _ request: String,
        _ overlay: Overlay,
        _ rules: [PolicyChange]
    ) async throws(CommandFailure) {
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
        try RequestWhatIfListing.print(answer, limit: changes.limit, as: read.format)
        open.noteRemovals("what-if", of: request, eventCount: answer.removedCount)
    }

    private func show(_ name: ItemName, _ overlay: Overlay) async throws(CommandFailure) {
        let open = try await read.open()
        let sight = try await name.sight(in: open.items, open.path, now: clock.now ?? open.now)
        let answer: ItemWhatIf
        do throws(WhatIfError) {
            answer = try await open.items.whatIf(
                sight.row.stream,
                overlay,
                now: clock.now ?? open.now
            )
        } catch {
            throw CommandFailure(error, path: open.path)
        }
        try ItemWhatIfListing.print(answer, limit: changes.limit, as: read.format)
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
