internal import CairnDomains
internal import CairnEngine
internal import CairnJournal
internal import CairnLMDB
internal import CairnServices

extension ImportVerb {
    /// Brings the projections' tables up to the end of what was imported, so that no query has to
    /// go through it.
    ///
    /// They are a cache: that they could not be made is told, and nothing has failed. After a
    /// Ctrl-C they are left to the next one, and one that comes from here on ends the process at once.
    ///
    /// What had nothing to append still makes the journal that it was to go to.
    func catchUpProjections(of opened: ImportJournal) async throws {
        let journal = try await journaling(opened.path, isWriting: true) {
            () async throws(JournalError) in try opened.make()
        }
        guard !Signals.isInterrupted else { return }
        Signals.endAtInterrupts()
        do throws(EngineError<Never>) {
            do throws(JournalError) { _ = try journal.openProjectionStore() } catch {
                throw .journal(error)
            }
            let pipeline = try? await PipelineFile.definition(
                given: nil,
                rememberedBy: journal,
                upTo: nil
            )
            try await KeptProjections(journal, pipeline: pipeline ?? .priorAuthorization).catchUp()
        } catch {
            let failure = CommandFailure(error, path: journal.path)
            Terminal.note(
                "cairn: import: everything is imported, but the tables that make queries quick "
                    + "are not up to date: \(failure.message ?? "") ('cairn index' makes them)"
            )
        }
    }
}
