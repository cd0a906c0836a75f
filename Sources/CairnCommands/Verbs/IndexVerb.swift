internal import ArgumentParser
internal import CairnCore
internal import CairnEngine
internal import CairnJournal
internal import CairnLMDB
internal import CairnServices

/// The index and the projections' tables, brought up to the journal's end.
struct IndexVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "index",
        abstract: "Brings the index and the projections' tables up to the journal's end.",
        discussion: """
            Nobody has to run it: the index follows the events by itself, and each query takes in \
            what its tables lack. It saves the next query that time, and removes tables of rules \
            that this program has no more.
            """
    )

    @OptionGroup var journal: JournalOptions

    @Flag(help: "Remove the projections' tables first, and build them anew.")
    var rebuild = false

    @Flag(help: "Compare the tables with their sums; exit with 1 if one was damaged.")
    var check = false

    func run() async throws {
        let path = try journal.path()
        let opened = try journal.openForWriting(creating: false)
        defer { opened.close() }
        let indexed = try await journaling(path) { () async throws(JournalError) in
            try await opened.flushIndex()
            _ = try opened.openProjectionStore()
            return try opened.information().indexedPosition
        }
        let projections = KeptProjections(opened)
        var damaged: [String] = []
        if check {
            damaged = try await journaling(path) { () async throws(JournalError) in
                try await projections.removeDamaged()
            }
        }
        let kept: [KeptProjection]
        do throws(EngineError<Never>) {
            if rebuild { try await projections.reset() }
            kept = try await projections.catchUp()
        } catch {
            throw CommandFailure(error, path: path)
        }
        var details = Details()
        details.add("indexed_position", .count(indexed.rawValue))
        details.add(
            "projections",
            .array(kept.map { .object(Self.listing.members(of: $0)) }),
            isInText: false
        )
        if check { details.add("damaged", .array(damaged.map { .text($0) }), isInText: false) }
        try details.print(
            as: journal.format,
            followedBy: kept.isEmpty ? [] : [Self.listing.text(kept)]
        )
        guard damaged.isEmpty else {
            throw CommandFailure(
                .finding,
                "the tables of \(damaged.joined(separator: ", ")) were damaged; they are removed, "
                    + "and built anew when they are asked"
            )
        }
    }

    static let listing = Listing<KeptProjection>(
        columns: [
            .init("projection") { .text($0.name) },
            .init("position") { .count($0.mark.position.rawValue) },
            .init("entries") { .count($0.mark.entryCount) },
            .init("state_hash") { .text(Self.hexadecimal($0.mark.stateHash)) },
        ],
        emptyText: ""
    )

    private static func hexadecimal(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
