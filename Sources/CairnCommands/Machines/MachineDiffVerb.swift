internal import ArgumentParser
internal import CairnIncident

/// Where two moments of a stream, or two streams, differ.
struct MachineDiffVerb: MachineVerb {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Shows what differs between two moments of a key, or between two keys.",
        discussion: DiffOptions.discussion
    )

    @OptionGroup var diff: DiffOptions
    @OptionGroup var read: MachineOptions

    func run<Rules: InspectableMachine>(on subject: MachineSubject<Rules>) async throws {
        try await diff.run(on: subject)
    }
}

/// The event that made something so.
struct MachineBisectVerb: MachineVerb {
    static let configuration = CommandConfiguration(
        commandName: "bisect",
        abstract: "Finds the first event that makes a predicate true, of one key or of any.",
        discussion: BisectOptions.discussion
    )

    @Argument(help: "The key; all of the machine's streams where none is given.")
    var key: String?

    @OptionGroup var bisect: BisectOptions
    @OptionGroup var read: MachineOptions

    func run<Rules: InspectableMachine>(on subject: MachineSubject<Rules>) async throws {
        try await bisect.run(on: key, of: subject)
    }
}
