internal import ArgumentParser
internal import CairnCore
internal import CairnIncident

/// One stream, event by event, on a screen of its own.
struct MachineExploreVerb: MachineVerb {
    static let configuration = CommandConfiguration(
        commandName: "explore",
        abstract: "Steps through the events of a key in the terminal, forwards and backwards.",
        discussion: """
            The events stand on the left; beside them is what the event says, what it changed, and the \
            state after it. Keys: j and k or the arrows step, / searches (a predicate about the members \
            of an event, or a text), n and N repeat that, ? lists all keys, q quits. The key is read \
            once, as of the moment it is opened; nothing is written.
            """
    )

    @Argument(help: "The key.")
    var key: String

    @OptionGroup var read: MachineOptions

    func run<Rules: InspectableMachine>(on subject: MachineSubject<Rules>) async throws {
        try ExploreScreen.require(
            subject.sight.format,
            besides: "\(IncidentTool.current?.name ?? "incident") timeline"
        )
        try await subject.explore(key)
    }
}

extension MachineSubject {
    /// Shows the history of a key until whoever looks has seen enough.
    func explore(_ key: String) async throws(CommandFailure) {
        try await explore(try stream(key), title: key)
    }

    /// Shows the history of a stream until whoever looks has seen enough.
    func explore(
        _ stream: StreamID,
        title: String,
        oddities: WhatIf<Rules>.Oddities = { _, _, _ in [] }
    ) async throws(CommandFailure) {
        let steps = try await asking { view throws(IncidentError) in
            try await view.steps(of: stream)
        }
        let walk = StreamWalk(steps, of: stream, machine, oddities: oddities)
        try ExploreScreen.show(walk, of: sight, title: title)
    }
}
