internal import ArgumentParser
internal import CairnDomains
internal import CairnIncident

/// Where two moments, or two requests, differ.
struct DiffVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Shows what differs between two moments of a request, or between two requests.",
        usage: """
            cairn diff <request> <moment> <moment>
            cairn diff <request> <request>
            """,
        discussion: DiffOptions.discussion
    )

    @OptionGroup var diff: DiffOptions
    @OptionGroup var kind: MachineKindOptions
    @OptionGroup var read: ReadOptions

    func run() async throws {
        let open = try await read.open()
        switch kind.kind {
        case .requests:
            // What was removed is said, and of a request that is not there, why; before its
            // removal a moment shows it.
            switch try diff.comparison() {
            case .moments(let request, _, _):
                try await open.noteRemovals("diff", of: request)
            case .two(let left, let right):
                for request in [left, right] { try await open.require(request, for: "diff") }
            }
            try await diff.run(on: open.requestSubject)
        case .items: try await diff.run(on: MachineSubject(itemsOf: open.sight))
        case .jobs: try await diff.run(on: MachineSubject(jobsOf: open.sight))
        }
    }
}

/// What the names of a verb are names of.
struct MachineKindOptions: ParsableArguments {
    /// The built-in machines.
    enum Kind: String, CaseIterable {
        case requests
        case items
        case jobs
    }

    @Option(
        name: .customLong("of"),
        help: ArgumentHelp(
            "What it is about: requests, items (named by their keys) or jobs.",
            valueName: "kind"
        ),
        completion: .words(of: Kind.self),
        transform: { try Arguments.choice($0) }
    )
    var kind = Kind.requests
}

extension OpenView {
    var requestSubject: MachineSubject<RequestMachine> {
        MachineSubject(requestsOf: sight, requests.definition)
    }

    /// Says how much of a request is left out.
    ///
    /// - Throws: ``CommandFailure`` where nothing of it is to be seen.
    func require(_ request: String, for verb: String) async throws(CommandFailure) {
        let removedCount = try await reading(path) { () async throws(IncidentError) in
            try await requests.standing(of: request).removedCount
        }
        noteRemovals(verb, of: request, eventCount: removedCount)
    }
}
