internal import ArgumentParser
internal import CairnCore
internal import CairnJournal
internal import CairnLMDB

/// A copy of a journal in use.
struct BackupVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copies the journal while others go on writing to it, and checks every event."
    )

    @Argument(
        help: ArgumentHelp("Where the copy goes; nothing may be there.", valueName: "dest"),
        completion: .directory
    )
    var destination: String

    @OptionGroup var journal: JournalOptions

    func run() async throws {
        let path = try journal.path()
        try CommandFailure.refuse(destination, within: path)
        let opened = try Self.open(path)
        let head: JournalHead
        do throws(JournalError) {
            head = try opened.backup(to: destination)
        } catch {
            throw CommandFailure(copying: error, from: path, to: destination)
        }
        var details = Details()
        details.add("path", .text(destination))
        details.add("last_position", .count(head.lastPosition.rawValue))
        details.add("running_hash", .text(head.runningHash.digest.hexadecimal))
        try details.print(as: journal.format)
        PartPath(of: destination)?.noteLeftovers(of: "backup")
    }

    private static func open(_ path: String) throws(CommandFailure) -> LMDBJournal {
        do {
            return try LMDBJournal(path: path, configuration: .readOnly)
        } catch .noPermission(let place, let action) {
            throw CommandFailure(
                .inputOutput,
                "\(JournalError.noPermission(path: place, action: action)); reading writes to the "
                    + "lock file beside it: run it as the journal's owner, or copy with "
                    + "'cairn salvage', which leaves that file alone"
            )
        } catch {
            throw CommandFailure(error, path: path)
        }
    }
}
