public import CairnCore

extension Laws {
    /// How many events a case has at most.
    private static var eventCountMax: Int { 40 }

    /// Law 6.1: any events fold in any order, none is dropped, and the state answers every
    /// command.
    ///
    /// A trap ends the process, unless the settings isolate its cases: with
    /// ``Isolation/fork(timeout:)`` it is made simpler and reported as a ``Crash``.
    ///
    /// - Parameters:
    ///   - machine: The rules.
    ///   - events: Makes events, whether or not the machine would ever choose them.
    ///   - commands: Makes commands to give to what came of the events.
    ///   - eventCount: How many events a state tells of, anomalies included; nil where the state
    ///     does not count them.
    ///   - invariants: What has to hold of every state, whatever was folded.
    ///   - tokens: Cases to run before any other, as reports print them: failures of the past.
    ///   - settings: How long to look.
    ///   - fileID: The file of the call, which a report's regression test goes by.
    ///   - filePath: Its path.
    ///   - line: The line of the call.
    ///   - function: The function of the call.
    /// - Returns: How much was looked at.
    /// - Throws: ``PropertyError``.
    @discardableResult
    public static func anyEventsFold<Rules: Machine>(
        _ machine: Rules,
        events: Generator<Rules.Event>,
        commands: Generator<Rules.Command>,
        eventCount: (@Sendable (Rules.State) -> Int)? = nil,
        invariants: [Invariant<Rules.State>] = [],
        replaying tokens: [String] = [],
        settings: PropertySettings = PropertySettings(),
        fileID: String = #fileID,
        filePath: String = #filePath,
        line: Int = #line,
        function: String = #function
    ) throws(PropertyError) -> PropertySummary {
        let law = Law.totalEvolve
        let site = CallSite(fileID: fileID, filePath: filePath, line: line, function: function)
        return try examine(law, of: "\(Rules.self)", tokens, settings, site) { draw in
            let events = try draw(.array(of: events, count: 0...eventCountMax), "events")
            var state = machine.initial
            for (number, event) in events.enumerated() {
                machine.evolve(&state, by: event)
                try check(invariants, of: state, law)
                guard let count = eventCount?(state), count != number + 1 else { continue }
                throw LawFailure(
                    law,
                    "after \(number + 1) events the state tells of \(count): \(state)"
                )
            }
            let command = try draw(commands, "command")
            let context = TurnContext(now: .unixEpoch)
            guard let next = try? machine.decide(command, in: state, context: context) else {
                return
            }
            for event in next { machine.evolve(&state, by: event) }
            try check(invariants, of: state, law)
        }
    }

    private static func check<State>(
        _ invariants: [Invariant<State>],
        of state: State,
        _ law: Law
    ) throws {
        for invariant in invariants where try !invariant.holds(state) {
            throw LawFailure(law, "not true of \(state): \(invariant.name)")
        }
    }

    /// Law 7.1: every order and every repetition of callbacks gives one state.
    ///
    /// - Parameters:
    ///   - machine: The rules.
    ///   - events: Makes the callbacks of a case, in the order in which they are sent.
    ///   - history: The events before them, such as what they answer.
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
    public static func deliveriesCommute<Rules: Machine>(
        _ machine: Rules,
        events: Generator<[Rules.Event]>,
        after history: [Rules.Event] = [],
        encoding: (@Sendable (Rules.State) -> [UInt8])? = nil,
        replaying tokens: [String] = [],
        settings: PropertySettings = PropertySettings(),
        fileID: String = #fileID,
        filePath: String = #filePath,
        line: Int = #line,
        function: String = #function
    ) throws(PropertyError) -> PropertySummary {
        let sameness = Sameness(encoding)
        let site = CallSite(fileID: fileID, filePath: filePath, line: line, function: function)
        return try deliveries(machine, events, history, tokens, settings, site) { found, expected in
            sameness.difference(found, expected)
        }
    }

    /// Law 7.1: every order and every repetition of callbacks gives one view of the state.
    ///
    /// For states that also count what came, which a repetition changes.
    ///
    /// - Parameters:
    ///   - machine: The rules.
    ///   - events: Makes the callbacks of a case, in the order in which they are sent.
    ///   - history: The events before them, such as what they answer.
    ///   - view: The part of the state that the law is about.
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
    public static func deliveriesCommute<Rules: Machine, View: Equatable>(
        _ machine: Rules,
        events: Generator<[Rules.Event]>,
        after history: [Rules.Event] = [],
        seenAs view: @Sendable (Rules.State) -> View,
        replaying tokens: [String] = [],
        settings: PropertySettings = PropertySettings(),
        fileID: String = #fileID,
        filePath: String = #filePath,
        line: Int = #line,
        function: String = #function
    ) throws(PropertyError) -> PropertySummary {
        let site = CallSite(fileID: fileID, filePath: filePath, line: line, function: function)
        return try deliveries(machine, events, history, tokens, settings, site) { found, expected in
            let (found, expected) = (view(found), view(expected))
            return found == expected ? nil : "\(found) instead of \(expected)"
        }
    }

    private static func deliveries<Rules: Machine>(
        _ machine: Rules,
        _ events: Generator<[Rules.Event]>,
        _ history: [Rules.Event],
        _ tokens: [String],
        _ settings: PropertySettings,
        _ site: CallSite,
        _ difference: (Rules.State, Rules.State) -> String?
    ) throws(PropertyError) -> PropertySummary where Rules.Event: Sendable {
        let law = Law.commutingDeliveries
        let start = machine.replay(history)
        return try examine(law, of: "\(Rules.self)", tokens, settings, site) { draw in
            let sent = try draw(events, "sent")
            let received = try draw(.deliveries(of: sent), "received")
            draw.sometimes(sent.count > 1, "there are several callbacks")
            var (expected, found) = (start, start)
            for event in sent { machine.evolve(&expected, by: event) }
            for event in received { machine.evolve(&found, by: event) }
            guard let difference = difference(found, expected) else { return }
            throw LawFailure(
                law,
                "sent \(Values.text(sent)), received \(Values.text(received)): \(difference)"
            )
        }
    }
}
