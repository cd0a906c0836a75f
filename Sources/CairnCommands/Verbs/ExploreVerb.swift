internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// One request, item or job, event by event, on a screen of its own.
struct ExploreVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explore",
        abstract: "Steps through the events of a request in the terminal, forwards and backwards.",
        discussion: """
            The events stand on the left; beside them is what the event says, what it changed, and the \
            state after it. Keys: j and k or the arrows step, / searches (a predicate as of 'find', or \
            a text), n and N repeat that, a shows only events with anomalies, ? lists all keys, q quits. \
            The request is read once, as of the moment it is opened; nothing is written. Of items and \
            jobs, a predicate is about the members of an event, such as 'type == attempt.rejected'.
            """
    )

    @Argument(help: "The request's pagw_id; with --of, the key or the job's name.")
    var name: String?

    @Option(help: "An item by its interaction_uuid.")
    var uuid: String?

    @OptionGroup var kind: MachineKindOptions
    @OptionGroup var read: ReadOptions

    func validate() throws {
        guard uuid != nil, kind.kind == .jobs else { return }
        throw ValidationError(
            "--uuid names an item, and --of jobs asks for a job; give one of them"
        )
    }

    func run() async throws {
        let item = try uuid.map { uuid throws(CommandFailure) in
            try ItemNameOptions.name(key: name, uuid: uuid)
        }
        guard let name = item?.text ?? name else {
            throw CommandFailure(.usage, "no request is named, and no item or job with --of")
        }
        try ExploreScreen.require(read.format, besides: plain(isItem: item != nil))
        let open = try await read.open()
        if let item { return try await show(item: item, open) }
        switch kind.kind {
        case .requests: try await show(request: name, open)
        case .items: try await show(item: try ItemName(key: name), open)
        case .jobs: try await MachineSubject(jobsOf: open.sight).explore(name)
        }
    }

    private func plain(isItem: Bool) -> String {
        if isItem { return "cairn key" }
        return switch kind.kind {
        case .requests: "cairn timeline"
        case .items: "cairn key"
        case .jobs: "cairn job"
        }
    }

    private func show(request: String, _ open: OpenView) async throws {
        let machine = RequestMachine(open.requests.definition)
        let (walk, removedCount) = try await reading(open.path) {
            () async throws(IncidentError) in
            let (steps, removedCount) = try await open.requests.steps(of: request)
            let stream = try MachineView(open.journal, machine).stream(request)
            return (
                StreamWalk(steps, of: stream, machine, oddities: RequestMachine.oddities),
                removedCount
            )
        }
        // Stands above the screen, and is there again when that is left.
        open.noteRemovals("explore", of: request, eventCount: removedCount)
        try ExploreScreen.show(
            walk,
            of: open.sight,
            title: request,
            words: .request(request, machine)
        )
    }

    private func show(item: ItemName, _ open: OpenView) async throws {
        let sight = try await item.sight(in: open.items, open.path, now: open.now)
        try await MachineSubject(itemsOf: open.sight).explore(
            sight.row.stream,
            title: item.text,
            oddities: ItemMachine.oddities
        )
    }
}
