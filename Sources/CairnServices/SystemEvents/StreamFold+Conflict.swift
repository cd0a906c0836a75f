public import CairnCore
public import CairnDomains
public import CairnEngine
public import CairnJournal

extension StreamFold {
    /// Decides a command as `turn` does; where it is refused for a status that it did not expect,
    /// that is recorded in the same batch as `atomic_update.conflict`.
    ///
    /// The refusal is thrown all the same, and must be a value of the turn, as `engineTurn` makes
    /// it: a turn that lets an error out appends nothing, and then the conflict is not recorded
    /// either. A command that is taken costs nothing more than in `turn`.
    ///
    /// - Parameters:
    ///   - command: What is asked for.
    ///   - folded: The stream's state, perhaps an old one; afterwards the one after the turn.
    ///   - scope: The open batch.
    ///   - seed: The turn's chance.
    ///   - fence: The number of the lease that the command is given under; 0 for none.
    /// - Returns: The events that were appended, as `turn` does.
    /// - Throws: `EngineError`, as `turn` does.
    public func turnTellingConflicts(
        _ command: Rules.Command,
        on folded: inout Folded<State>,
        in scope: any TurnScope,
        seed: UInt64 = 0,
        fence: UInt64 = 0
    ) throws(Failure) -> [Rules.Event] where Rules: ConflictTelling {
        do throws(Failure) {
            return try turn(command, on: &folded, in: scope, seed: seed, fence: fence)
        } catch .refused(let rejection) {
            if let conflict = machine.conflict(
                of: command,
                refusedFor: rejection,
                in: folded.state
            ) {
                do throws(JournalError) { try scope.record(conflict, of: stream) } catch {
                    throw .journal(error)
                }
            }
            throw .refused(rejection)
        } catch {
            throw error
        }
    }
}
