public import CairnCore

extension Laws {
    /// Law 11.2: histories that earlier versions stored are read and fold to the state they had.
    ///
    /// - Parameters:
    ///   - machine: The rules, and how events are stored.
    ///   - histories: What was stored; at least one.
    ///   - encoding: Writes a state down.
    /// - Throws: ``PropertyError``, for the first history that is not as it was.
    public static func historiesStayReadable<Rules: StoredMachine>(
        _ machine: Rules,
        histories: [GoldenHistory],
        encoding: (Rules.State) -> [UInt8]
    ) throws(PropertyError) {
        let law = Law.historyCompatibility
        _ = try examine(law, of: "\(Rules.self)", [], PropertySettings(seed: 1)) {
            (draw: inout Draw) in
            draw.sometimes(!histories.isEmpty, "there is a history")
            for history in histories {
                let state = try state(of: history, machine)
                let digest = GoldenHistory.digest(encoding(state))
                guard digest != history.stateDigest else { continue }
                throw LawFailure(
                    law,
                    "the history '\(history.name)' ends with \(state), of digest \(digest) "
                        + "instead of \(history.stateDigest)"
                )
            }
        }
    }

    private static func state<Rules: StoredMachine>(
        of history: GoldenHistory,
        _ machine: Rules
    ) throws -> Rules.State {
        var state = machine.initial
        for (number, event) in history.events.enumerated() {
            do {
                let stored = StoredBytes(event, sequence: UInt64(number + 1))
                if let event = try stored.event(machine) {
                    machine.evolve(&state, by: event)
                } else {
                    machine.passOver(&state)
                }
            } catch let error as EventCodecError {
                throw LawFailure(
                    .historyCompatibility,
                    "event \(number + 1) of the history '\(history.name)': \(error)"
                )
            }
        }
        return state
    }
}
