internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// Where one idempotency key stands.
struct KeyVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Shows what an idempotency key stands at, why, and the events behind it."
    )

    @OptionGroup var name: ItemNameOptions

    @OptionGroup var read: ReadOptions

    @Flag(help: "Take the holder for gone, as after a crash.")
    var crashed = false

    @OptionGroup var clock: ClockOptions

    func run() async throws {
        let name = try name.name()
        let open = try await read.open()
        let sight = try await name.sight(
            in: open.items(crashed: crashed),
            open.path,
            now: clock.now ?? open.now
        )
        try ItemListing.print(sight, as: read.format)
    }
}
