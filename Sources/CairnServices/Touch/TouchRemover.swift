public import CairnCore
internal import CairnDomains
public import CairnEngine
public import CairnJournal

/// Takes rows of the touch log out of sight: those of one user, or all before an instant.
///
/// Each removal is an event, and covers what stands in the journal before it. Nothing else
/// changes: what is logged later is there, the uids of what was removed stay taken, and readers
/// say how many rows they leave out.
public struct TouchRemover: Sendable {
    private let journal: any Journal

    public init(_ journal: any Journal) {
        self.journal = journal
    }

    /// Forgets all that the log has of a user.
    ///
    /// - Parameters:
    ///   - user: The user.
    ///   - by: Who decides it, if that is to be known.
    ///   - reason: Why, if that is to be known.
    /// - Returns: How many rows it covers that no forgetting covered before; where there are none,
    ///   nothing is written.
    /// - Throws: `EngineError`.
    /// - Complexity: Reads the user's rows.
    @discardableResult
    public func forget(
        user: String,
        by: String? = nil,
        reason: String? = nil
    ) async throws(EngineError<Never>) -> UInt64 {
        let stream = try Self.naming { () throws(LimitError) in
            try TouchMachine.stream(of: user)
        }
        let fold = StreamFold(TouchMachine(), of: stream)
        let known = try await fold.folded(in: journal)
        return try await journal.engineTurn { scope throws(EngineError<Never>) in
            var folded = known
            try fold.catchUp(&folded, in: scope)
            let count = folded.state.rowCount
            _ = try fold.turn(.forget(by: by, reason: reason), on: &folded, in: scope)
            return count
        }
    }

    /// Removes every row whose `created_at` is before an instant, whoever's it is.
    ///
    /// - Parameters:
    ///   - instant: The first instant that stays.
    ///   - by: Who decides it, if that is to be known.
    ///   - reason: Why, if that is to be known.
    /// - Throws: `EngineError`.
    public func truncate(
        before instant: Timestamp,
        by: String? = nil,
        reason: String? = nil
    ) async throws(EngineError<Never>) {
        let stream = try Self.naming { () throws(LimitError) in
            try Removal.truncations(of: TouchMachine.streamKind)
        }
        let fold = StreamFold(TruncationMachine(), of: stream)
        let known = try await fold.folded(in: journal)
        try await journal.engineTurn { scope throws(EngineError<Never>) in
            var folded = known
            let command = TruncationMachine.Command.truncate(
                before: instant,
                by: by,
                reason: reason
            )
            _ = try fold.turn(command, on: &folded, in: scope)
        }
    }

    private static func naming(
        _ body: () throws(LimitError) -> StreamID
    ) throws(EngineError<Never>) -> StreamID {
        do throws(LimitError) { return try body() } catch { throw .journal(.limit(error)) }
    }
}
