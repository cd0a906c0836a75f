internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// A person's decision of a doubt.
struct ResolveVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve",
        abstract: "Decides whether an item in doubt was sent; the decision is an event.",
        discussion: """
            Look with 'cairn key' first, and ask the provider. An item is in doubt if its sender \
            said that it does not know, or if the process that had it is gone. While that lives, \
            nothing is decided: exit code 65.

            An item that works in steps is in doubt about the step that was under way. --failed says \
            that this step did not happen: the next run does it again and goes on. There is no way to \
            say that it alone happened, because its result is not known: --sent takes the whole item \
            for done, and no step after it is ever run. That has to be said by --whole-item.
            """
    )

    @OptionGroup var name: ItemNameOptions

    @OptionGroup var journal: JournalOptions

    @Flag(help: "It was sent: it is never sent again.")
    var sent = false

    @Flag(help: "It was not sent: it may be tried again, by the job's next run or by the caller.")
    var failed = false

    @Flag(help: "With --failed: it is not to be tried again.")
    var final = false

    @Flag(help: "With --sent: also where the doubt is about one step of several.")
    var wholeItem = false

    @Option(
        help: ArgumentHelp("Who decides.", valueName: "name"),
        transform: { try Arguments.name($0) }
    )
    var by: String

    @Option(
        help: ArgumentHelp("How that is known.", valueName: "text"),
        transform: { try Arguments.name($0) }
    )
    var reason: String

    func validate() throws {
        guard sent != failed else { throw ValidationError("Give --sent or --failed, one of them") }
        guard failed || !final else { throw ValidationError("--final goes with --failed") }
        guard sent || !wholeItem else { throw ValidationError("--whole-item goes with --sent") }
    }

    func run() async throws {
        let name = try name.name()
        let path = try journal.path()
        let opened = try journal.openForWriting(creating: false)
        defer { opened.close() }
        let view = ItemView(opened)
        let sight = try await name.sight(in: view, path, now: .now())
        let verdict: ItemSettlement.Verdict = sent ? .sent : final ? .failedFinal : .failed
        let settlement = ItemSettlement(verdict, source: .person, by: by, reason: reason)
        try await DoubtSettling(sight.row, in: opened, endsSteps: wholeItem).settle(settlement)
        let after = try await name.sight(in: view, path, now: .now())
        try ItemListing.print(after, as: journal.format)
    }
}
