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

    @Argument(help: ArgumentHelp("Where the copy goes; nothing may be there.", valueName: "dest"))
    var destination: String

    @OptionGroup var journal: JournalOptions

    func run() async throws {
        let path = try journal.path()
        let opened = try JournalOptions.open(path, .readOnly)
        let head: JournalHead
        do throws(JournalError) {
            head = try opened.backup(to: destination)
        } catch {
            throw SalvageVerb.failure(error, path: path, destination: destination)
        }
        var details = Details()
        details.add("path", .text(destination))
        details.add("last_position", .count(head.lastPosition.rawValue))
        details.add("running_hash", .text(head.runningHash.digest.hexadecimal))
        try details.print(as: journal.format)
    }
}
