internal import CairnCore
public import CairnDomains
public import CairnEngine
public import CairnJournal

/// Takes sessions of prompts out of sight.
///
/// A removal is an event, and covers what stands in the session's stream before it; in the same
/// turn the session is taken out of the lists of its prompt and of its user. From then on nothing
/// is recorded in it any more. Rows that are imported later are facts and are there, but those
/// that it covers keep their uids, so importing them again brings nothing back.
public struct PromptRemover: Sendable {
    private let journal: any Journal

    public init(_ journal: any Journal) {
        self.journal = journal
    }

    /// Removes a session with all its events.
    ///
    /// - Parameters:
    ///   - session: The session.
    ///   - by: Who decides it, if that is to be known.
    ///   - reason: Why, if that is to be known.
    /// - Returns: How many events it covers that no removal covered before. Where nobody knows of
    ///   the session, or no longer does, nothing is written.
    /// - Throws: `EngineError`.
    /// - Complexity: Reads the session's events.
    @discardableResult
    public func forget(
        session: PromptSessionID,
        by: String? = nil,
        reason: String? = nil
    ) async throws(EngineError<Never>) -> UInt64 {
        do throws(EngineError<PromptSessionRefusal>) {
            let fold: StreamFold<PromptSessionMachine>
            do throws(LimitError) {
                fold = StreamFold(
                    PromptSessionMachine(),
                    of: try PromptSessionMachine.stream(of: session)
                )
            } catch {
                throw .journal(.limit(error))
            }
            let known = try await fold.folded(in: journal)
            let count: UInt64 = try await journal.engineTurn {
                scope throws(EngineError<PromptSessionRefusal>) in
                var folded = known
                try fold.catchUp(&folded, in: scope)
                let before = folded.state
                guard before.isThere else { return 0 }
                let entry = ListedRemoval(
                    key: session.name,
                    eventCount: before.eventCount,
                    at: scope.now
                )
                // The entry first: views that go beyond it have the removal, too.
                try Self.list(entry, in: scope)
                let command = PromptSessionCommand.forget(by: by, reason: reason)
                _ = try fold.decide(command, on: &folded, in: scope)
                if let owner = before.owner { try Self.unlink(session, owner, in: scope) }
                return before.eventCount
            }
            if count > 0 { await journal.removeTables(named: PromptProjection().name) }
            return count
        } catch {
            // To forget is never refused.
            guard let error = error.unrefused else { return 0 }
            throw error
        }
    }

    private static func list(
        _ entry: ListedRemoval,
        in scope: any TurnScope
    ) throws(EngineError<PromptSessionRefusal>) {
        do throws(JournalError) {
            let event = try limited { () throws(LimitError) in try entry.newEvent() }
            let list = try limited { () throws(LimitError) in
                try Removal.truncations(of: PromptSessionMachine.streamKind)
            }
            try scope.append([event], to: list, expecting: .any)
        } catch {
            throw .journal(error)
        }
    }

    private static func unlink(
        _ session: PromptSessionID,
        _ owner: PromptSessionOwner,
        in scope: any TurnScope
    ) throws(EngineError<PromptSessionRefusal>) {
        do throws(JournalError) {
            let event = try limited { () throws(LimitError) in
                try PromptSessionLink.removal(of: session, at: scope.now)
            }
            let streams = try limited { () throws(LimitError) in
                [
                    try PromptSessionLink.stream(ofPrompt: owner.prompt),
                    try PromptSessionLink.stream(ofUser: owner.user),
                ]
            }
            for stream in streams { try scope.append([event], to: stream, expecting: .any) }
        } catch {
            throw .journal(error)
        }
    }
}
