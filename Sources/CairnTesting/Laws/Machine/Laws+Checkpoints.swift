public import CairnCore
internal import CairnEngine

extension Laws {
    /// Law 2.3: a state that was written and read back after any event folds on to the same end.
    ///
    /// - Parameters:
    ///   - machine: The rules.
    ///   - commands: Makes commands.
    ///   - checkpoint: How states are kept.
    ///   - tokens: Cases to run before any other, as reports print them: failures of the past.
    ///   - settings: How long to look.
    ///   - fileID: The file of the call, which a report's regression test goes by.
    ///   - filePath: Its path.
    ///   - line: The line of the call.
    ///   - function: The function of the call.
    /// - Returns: How much was looked at.
    /// - Throws: ``PropertyError``.
    /// - Complexity: O(events^2) a case, and a checkpoint at every cut.
    @discardableResult
    public static func checkpointEqualsWhole<Rules: Machine>(
        _ machine: Rules,
        commands: Generator<Rules.Command>,
        checkpoint: CheckpointCodec<Rules.State>,
        replaying tokens: [String] = [],
        settings: PropertySettings = PropertySettings(),
        fileID: String = #fileID,
        filePath: String = #filePath,
        line: Int = #line,
        function: String = #function
    ) throws(PropertyError) -> PropertySummary {
        let law = Law.checkpointEquivalence
        let site = CallSite(fileID: fileID, filePath: filePath, line: line, function: function)
        return try examine(law, of: "\(Rules.self)", tokens, settings, site) { draw in
            let events = MachineRun(machine, try draw(.turns(commands), "commands")).events
            draw.sometimes(events.count > 1, "there are events on both sides of a cut")
            let whole = machine.replay(events)
            let wholeBytes = try checkpoint.write(Folded(whole, after: events.count))
            for cut in 0...events.count {
                let half = Folded(machine.replay(events.prefix(cut)), after: cut)
                guard var state = try checkpoint.read(try checkpoint.write(half)) else {
                    throw LawFailure(
                        law,
                        "a checkpoint after \(cut) of \(Values.text(events)) is refused"
                    )
                }
                guard state.sequence == half.sequence else {
                    throw LawFailure(
                        law,
                        "a checkpoint after \(cut) events says it is at \(state.sequence)"
                    )
                }
                for event in events.dropFirst(cut) { machine.evolve(&state.state, by: event) }
                let sameness = Sameness<Rules.State>(nil)
                if let difference = sameness.difference(state.state, whole) {
                    throw LawFailure(
                        law,
                        "\(Values.text(events)), with a checkpoint after \(cut), give \(difference)"
                    )
                }
                state.sequence = SequenceNumber(rawValue: UInt64(events.count))
                guard try checkpoint.write(state) == wholeBytes else {
                    throw LawFailure(
                        law,
                        "\(Values.text(events)), with a checkpoint after \(cut), are written as other bytes"
                    )
                }
            }
        }
    }

    /// Law 8.1: a checkpoint that is damaged or foreign is discarded, and never believed.
    ///
    /// Damage is a flipped bit, bytes that are missing at the end, and bytes too many.
    ///
    /// - Parameters:
    ///   - machine: The rules.
    ///   - commands: Makes commands.
    ///   - checkpoint: How states are kept.
    ///   - foreign: What earlier versions, or other machines, wrote.
    ///   - tokens: Cases to run before any other, as reports print them: failures of the past.
    ///   - settings: How long to look.
    ///   - fileID: The file of the call, which a report's regression test goes by.
    ///   - filePath: Its path.
    ///   - line: The line of the call.
    ///   - function: The function of the call.
    /// - Returns: How much was looked at.
    /// - Throws: ``PropertyError``.
    @discardableResult
    public static func badCheckpointsAreDiscarded<Rules: Machine>(
        _ machine: Rules,
        commands: Generator<Rules.Command>,
        checkpoint: CheckpointCodec<Rules.State>,
        foreign: [[UInt8]] = [],
        replaying tokens: [String] = [],
        settings: PropertySettings = PropertySettings(),
        fileID: String = #fileID,
        filePath: String = #filePath,
        line: Int = #line,
        function: String = #function
    ) throws(PropertyError) -> PropertySummary {
        let law = Law.discardedCheckpoints
        let site = CallSite(fileID: fileID, filePath: filePath, line: line, function: function)
        return try examine(law, of: "\(Rules.self)", tokens, settings, site) { draw in
            for (number, bytes) in foreign.enumerated() {
                guard let state = try? checkpoint.read(bytes) else { continue }
                throw LawFailure(law, "foreign checkpoint \(number + 1) is believed: \(state)")
            }
            let run = MachineRun(machine, try draw(.turns(commands), "commands"))
            let folded = Folded(run.state, after: run.events.count)
            let bytes = try checkpoint.write(folded)
            let (damage, damaged) = try Damage.draw(of: bytes, &draw)
            guard let state = try? checkpoint.read(damaged) else { return }
            throw LawFailure(law, "a checkpoint of \(folded) with \(damage) is believed: \(state)")
        }
    }
}

extension Folded {
    init(_ state: State, after count: Int) {
        self.init(state: state, sequence: SequenceNumber(rawValue: UInt64(count)))
    }
}

/// What may happen to stored bytes.
enum Damage {
    /// Draws damage to some bytes; what comes of it is never what was there.
    ///
    /// - Returns: The damage in words, and the damaged bytes.
    /// - Throws: ``CaseStop``.
    static func draw(
        of bytes: [UInt8],
        _ draw: inout Draw
    ) throws(CaseStop) -> (words: String, bytes: [UInt8]) {
        let kinds =
            bytes.isEmpty ? ["bytes too many"] : ["a flipped bit", "an end", "bytes too many"]
        var damaged = bytes
        let kind = try draw(.sampled(from: kinds), "damage")
        switch kind {
        case "a flipped bit":
            let bit = try draw(.int(in: 0...bytes.count * 8 - 1), "bit")
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            return ("bit \(bit) flipped", damaged)
        case "an end":
            damaged.removeLast(try draw(.int(in: 1...bytes.count), "missing"))
            return ("\(bytes.count - damaged.count) bytes missing", damaged)
        default:
            damaged += try draw(.bytes(count: 1...8), "added")
            return ("\(damaged.count - bytes.count) bytes too many", damaged)
        }
    }
}
