public import CairnCore

extension Laws {
    /// Law 2.1: folding all events gives the state that was held while they were made.
    ///
    /// What is held beside the events, a cache or a counter in a class, makes the two differ.
    ///
    /// - Parameters:
    ///   - machine: The rules.
    ///   - commands: Makes commands.
    ///   - encoding: Writes a state down, where equal states must be the same bytes.
    ///   - tokens: Cases to run before any other, as reports print them: failures of the past.
    ///   - settings: How long to look.
    ///   - fileID: The file of the call, which a report's regression test goes by.
    ///   - filePath: Its path.
    ///   - line: The line of the call.
    ///   - function: The function of the call.
    /// - Returns: How much was looked at.
    /// - Throws: ``PropertyError``.
    /// - Complexity: Two folds a case.
    @discardableResult
    public static func replayEqualsLive<Rules: Machine>(
        _ machine: Rules,
        commands: Generator<Rules.Command>,
        encoding: (@Sendable (Rules.State) -> [UInt8])? = nil,
        replaying tokens: [String] = [],
        settings: PropertySettings = PropertySettings(),
        fileID: String = #fileID,
        filePath: String = #filePath,
        line: Int = #line,
        function: String = #function
    ) throws(PropertyError) -> PropertySummary {
        let site = CallSite(fileID: fileID, filePath: filePath, line: line, function: function)
        return try replayEqualsLive(machine, commands, encoding, tokens, settings, site) { $0 }
    }

    /// Law 2.1: folding all stored events gives the state that was held while they were made.
    ///
    /// Each event is written as a journal stores it and read back, so that a field that its
    /// encoding forgets makes the two differ.
    ///
    /// - Parameters:
    ///   - machine: The rules, and how events are stored.
    ///   - commands: Makes commands.
    ///   - encoding: Writes a state down, where equal states must be the same bytes.
    ///   - tokens: Cases to run before any other, as reports print them: failures of the past.
    ///   - settings: How long to look.
    ///   - fileID: The file of the call, which a report's regression test goes by.
    ///   - filePath: Its path.
    ///   - line: The line of the call.
    ///   - function: The function of the call.
    /// - Returns: How much was looked at.
    /// - Throws: ``PropertyError``.
    /// - Complexity: Two folds a case, and each event's encoding.
    @discardableResult
    public static func replayEqualsLive<Rules: StoredMachine>(
        _ machine: Rules,
        commands: Generator<Rules.Command>,
        encoding: (@Sendable (Rules.State) -> [UInt8])? = nil,
        replaying tokens: [String] = [],
        settings: PropertySettings = PropertySettings(),
        fileID: String = #fileID,
        filePath: String = #filePath,
        line: Int = #line,
        function: String = #function
    ) throws(PropertyError) -> PropertySummary {
        let site = CallSite(fileID: fileID, filePath: filePath, line: line, function: function)
        return try replayEqualsLive(machine, commands, encoding, tokens, settings, site) { events in
            try events.enumerated().map { number, event in
                let frame = StoredBytes(try machine.newEvent(event), sequence: UInt64(number + 1))
                if let read = try frame.event(machine) { return read }
                throw LawFailure(.replayEqualsLive, "\(event) is stored, and then passed over")
            }
        }
    }

    private static func replayEqualsLive<Rules: Machine>(
        _ machine: Rules,
        _ commands: Generator<Rules.Command>,
        _ encoding: (@Sendable (Rules.State) -> [UInt8])?,
        _ tokens: [String],
        _ settings: PropertySettings,
        _ site: CallSite,
        storing: ([Rules.Event]) throws -> [Rules.Event]
    ) throws(PropertyError) -> PropertySummary {
        let law = Law.replayEqualsLive
        let sameness = Sameness(encoding)
        return try examine(law, of: "\(Rules.self)", tokens, settings, site) { draw in
            let run = MachineRun(machine, try draw(.turns(commands), "commands"))
            draw.sometimes(!run.events.isEmpty, "a command leads to an event")
            let replayed = machine.replay(try storing(run.events))
            if let difference = sameness.difference(replayed, run.state) {
                throw LawFailure(law, "a replay of \(Values.text(run.events)) gives \(difference)")
            }
        }
    }

    /// Law 2.2: a fold in two parts, cut anywhere, is the fold in one.
    ///
    /// - Parameters:
    ///   - machine: The rules.
    ///   - commands: Makes commands.
    ///   - encoding: Writes a state down, where equal states must be the same bytes.
    ///   - tokens: Cases to run before any other, as reports print them: failures of the past.
    ///   - settings: How long to look.
    ///   - fileID: The file of the call, which a report's regression test goes by.
    ///   - filePath: Its path.
    ///   - line: The line of the call.
    ///   - function: The function of the call.
    /// - Returns: How much was looked at.
    /// - Throws: ``PropertyError``.
    /// - Complexity: O(events^2) a case.
    @discardableResult
    public static func incrementalEqualsWhole<Rules: Machine>(
        _ machine: Rules,
        commands: Generator<Rules.Command>,
        encoding: (@Sendable (Rules.State) -> [UInt8])? = nil,
        replaying tokens: [String] = [],
        settings: PropertySettings = PropertySettings(),
        fileID: String = #fileID,
        filePath: String = #filePath,
        line: Int = #line,
        function: String = #function
    ) throws(PropertyError) -> PropertySummary {
        let law = Law.incrementalFold
        let sameness = Sameness(encoding)
        let site = CallSite(fileID: fileID, filePath: filePath, line: line, function: function)
        return try examine(law, of: "\(Rules.self)", tokens, settings, site) { draw in
            let events = MachineRun(machine, try draw(.turns(commands), "commands")).events
            draw.sometimes(events.count > 1, "there are events on both sides of a cut")
            let whole = machine.replay(events)
            var halves = [machine.initial]
            for event in events {
                var state = halves[halves.count - 1]
                machine.evolve(&state, by: event)
                halves.append(state)
            }
            // Backwards, so that no second part follows its first one.
            for cut in halves.indices.reversed() {
                var state = halves[cut]
                for event in events.dropFirst(cut) { machine.evolve(&state, by: event) }
                guard let difference = sameness.difference(state, whole) else { continue }
                throw LawFailure(
                    law,
                    "\(Values.text(events)), folded in two parts cut after \(cut), give \(difference)"
                )
            }
        }
    }
}
