package import CairnCore
package import CairnDomains
package import CairnEngine
package import CairnJournal

extension StreamFold {
    /// Decides a command as `turn` does; where it is refused for a status that it did not expect,
    /// that is recorded in the same batch as `atomic_update.conflict`.
    ///
    /// The refusal is thrown all the same, and is a value of the batch: what was recorded stays.
    /// A command that is taken costs nothing more than in `turn`.
    ///
    /// - Throws: `EngineError`, as `turn` does.
    package func turnTellingConflicts(
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
