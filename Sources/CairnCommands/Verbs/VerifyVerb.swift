internal import ArgumentParser
internal import CairnCore
internal import CairnIncident
internal import CairnLMDB

/// Whether every byte of a journal is as it was written.
struct VerifyVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Reads the whole journal and names all damage.",
        discussion: """
            Ends with exit code 1 if there is any. Reads without LMDB and takes no lock, except \
            beside a writer that leaves no pause: then in one view.
            """
    )

    @OptionGroup var journal: JournalOptions

    func run() async throws {
        let path = try journal.path()
        let report: VerifyReport
        do throws(InspectionError) {
            report = try Self.report(path)
        } catch {
            throw try finding(error)
        }
        var details = Details()
        details.add("ok", .bool(report.isIntact))
        details.add("events", .count(report.eventCount))
        if !report.isIntact {
            details.add("damage_count", .integer(Int64(report.damageCount)))
            details.add(
                "damages",
                .array(report.damages.map { .object(Self.damages.members(of: $0)) }),
                isInText: false
            )
        }
        try details.print(
            as: journal.format,
            followedBy: report.isIntact ? [] : [Self.text(report)]
        )
        if !report.isIntact { throw CommandFailure.finding }
    }

    /// Most damages that people get at once.
    private static let shownCountMax = 20

    /// Without LMDB as long as that is possible; beside a busy writer, in a view of it.
    private static func report(_ path: String) throws(InspectionError) -> VerifyReport {
        do {
            return try JournalInspector.verify(path: path)
        } catch {
            guard case .keepsChanging = error else { throw error }
            return try LMDBJournal.verify(path: path)
        }
    }

    private static func text(_ report: VerifyReport) -> String {
        let shown = Array(report.damages.prefix(shownCountMax))
        let rest = report.damageCount - shown.count
        let more = rest > 0 ? "and \(rest) more; --format json names the first 100\n" : ""
        return damages.text(shown) + more
    }

    /// Damage that leaves nothing to read is a finding too; what cannot be read at all is not.
    private func finding(_ error: InspectionError) throws -> CommandFailure {
        switch error {
        case .notFound: return CommandFailure(.notFound, "\(error); 'cairn demo' makes one")
        case .notLMDB: return CommandFailure(.notFound, "\(error)")
        case .newerFormat: return CommandFailure(.badInput, "\(error); use a newer cairn")
        case .inputOutput, .cutShort, .transactionGone, .keepsChanging:
            return CommandFailure(.inputOutput, "\(error); try again")
        case .meta, .page, .head:
            var details = Details()
            details.add("ok", .bool(false))
            details.add("events", .count(0))
            details.add("damage_count", .integer(1))
            details.add("damages", .array([.object([("reason", .text("\(error)"))])]))
            try details.print(as: journal.format)
            return .finding
        }
    }

    private static let damages = Listing<Damage>(
        columns: [
            .init("position") { .integer($0.position.map { Int64(clamping: $0.rawValue) }) },
            .init("table") { .text($0.table) },
            .init("page") { .integer($0.page.map { Int64(clamping: $0) }) },
            .init("byte") { .integer($0.fileOffset.map { Int64(clamping: $0) }) },
            .init("reason") { .text($0.reason) },
        ],
        emptyText: ""
    )
}
