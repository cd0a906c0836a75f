internal import ArgumentParser
internal import CairnCore
internal import CairnIncident

/// Where one stream stands.
struct MachineStateVerb: MachineVerb {
    static let configuration = CommandConfiguration(
        commandName: "state",
        abstract: "Shows what the events of a key amount to."
    )

    @Argument(help: "The key.")
    var key: String

    @OptionGroup var read: MachineOptions

    func run<Rules: InspectableMachine>(on subject: MachineSubject<Rules>) async throws {
        let stream = try subject.stream(key)
        let history = try await subject.asking { view throws(IncidentError) in
            try await view.history(of: stream)
        }
        let document = subject.machine.document(of: history.state)
        var details = Details()
        details.add(subject.keyName, .text(key))
        details.add(
            "position",
            .integer(history.steps.last.map { Int64(clamping: $0.position.rawValue) })
        )
        details.add("event_count", .count(UInt64(history.steps.count)))
        details.add("recorded_at", .time(history.steps.last?.recordedAt))
        details.add("state", .value(document), isInText: false)
        let fields = Difference.all(from: document, to: document, includesSame: true)
        let listing = Listing<Difference>(
            columns: [
                .init("field") { .text($0.path.description) },
                .init("value") { .value($0.before ?? .null) },
            ],
            emptyText: ""
        )
        try details.print(
            as: subject.sight.format,
            followedBy: [fields.isEmpty ? "" : listing.text(fields)]
        )
    }
}

/// What happened to one stream.
struct MachineTimelineVerb: MachineVerb {
    static let configuration = CommandConfiguration(
        commandName: "timeline",
        abstract: "Shows the events of a key in their order."
    )

    @Argument(help: "The key.")
    var key: String

    @OptionGroup var read: MachineOptions

    func run<Rules: InspectableMachine>(on subject: MachineSubject<Rules>) async throws {
        let stream = try subject.stream(key)
        let history = try await subject.asking { view throws(IncidentError) in
            try await view.history(of: stream)
        }
        try subject.listing(emptyText: "no events")
            .print(history.steps, as: subject.sight.format)
    }
}
