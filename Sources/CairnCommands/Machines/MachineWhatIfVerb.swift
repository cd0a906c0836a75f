internal import ArgumentParser
internal import CairnCore
internal import CairnIncident

/// A history that did not happen, beside the one that did.
struct MachineWhatIfVerb: MachineVerb {
    static let configuration = CommandConfiguration(
        commandName: "what-if",
        abstract: "Shows what would be different about a key, had other events happened.",
        discussion: """
            Events are named by their sequence, their place in the key's own history, or as \
            @POSITION; they keep these names whatever else is changed. The changed history is folded \
            beside the recorded one by the same rules, and nothing is decided anew. --insert and \
            --edit take an event as 'timeline --format json' shows its document, where the machine \
            reads events from JSON. With no change at all, nothing differs.

            Exit codes: 64 for changes that make no sense, 65 for those that do not fit the history.
            """
    )

    @Argument(help: "The key; it stands before the options.")
    var key: String

    @OptionGroup var changes: OverlayOptions
    @OptionGroup var read: MachineOptions

    func run<Rules: InspectableMachine>(on subject: MachineSubject<Rules>) async throws {
        let overlay = try changes.overlay()
        let stream = try subject.stream(key)
        let steps = try await subject.asking { view throws(IncidentError) in
            try await view.steps(of: stream)
        }
        let machine = subject.machine
        let history: WhatIf<Rules>
        do throws(OverlayError) {
            history = try WhatIf(steps, overlay, of: machine)
        } catch {
            throw CommandFailure(.badInput, error.description)
        }
        let listing = WhatIfListing<Rules>(
            eventColumns: [
                .init("event") { .text(machine.name(of: $0)) },
                .init("document") { .value(machine.document(of: $0)) },
            ]
        )
        var details = Details()
        details.add(subject.keyName, .text(key))
        let tables = listing.add(history, limit: changes.limit, to: &details)
        try details.print(
            as: subject.sight.format,
            followedBy: history.differs ? tables : ["nothing differs\n"]
        )
    }
}
