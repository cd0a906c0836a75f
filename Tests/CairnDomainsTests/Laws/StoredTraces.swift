import CairnCore
import CairnEngine
import CairnJournal
import Foundation
import Testing

@testable import CairnTesting

/// What came of asking whether stored traces are accepted.
struct TraceCounts {
    var traces = 0
    var events = 0
    /// Traces that lacked their first event, and were not accepted.
    var refusedWithoutBeginning = 0
}

/// Whether a stored trace is one that the specification allows: from each event to the next, some
/// command of the table is answered with it, and leads to a standing that the table names.
struct TraceAcceptance<Rules: StoredMachine> {
    /// A turn of these machines leads to at most so many events.
    private static var turnEventCountMax: Int { 3 }

    let machine: Rules
    let commands: [Rules.Command]
    let reading: TransitionReading<Rules>
    let tables: SpecifiedTables

    /// Why a trace is not accepted; nil where it is.
    ///
    /// The table says nothing of some states, such as a worker's second queue: what happens there
    /// is passed over.
    func flaw(in trace: [(event: Rules.Event, context: TurnContext)]) -> String? {
        var state = machine.initial
        var index = 0
        while index < trace.count {
            let counts = 1...min(Self.turnEventCountMax, trace.count - index)
            let context = trace[index].context
            guard commands.contains(where: { reading.cell($0, state, context) != nil }) else {
                machine.evolve(&state, by: trace[index].event)
                index += 1
                continue
            }
            let turns = counts.lazy.compactMap { count in
                accepted(trace[index..<index + count].map(\.event), context, state)
            }
            guard let turn = turns.first else {
                return "event \(index + 1), \(trace[index].event), after \(state)"
            }
            state = turn.state
            index += turn.count
        }
        return nil
    }

    /// The state after some events, if a turn of some command may lead to them.
    private func accepted(
        _ events: [Rules.Event],
        _ context: TurnContext,
        _ before: Rules.State
    ) -> (state: Rules.State, count: Int)? {
        var after = before
        for event in events { machine.evolve(&after, by: event) }
        let answer = reading.answer(.success(events))
        let isAccepted = commands.contains { command in
            guard let cell = reading.cell(command, before, context),
                tables.table[cell] == answer, let allowed = tables.next[cell]
            else { return false }
            guard let next = reading.cell(command, after, context) else { return true }
            let word = next.standing == cell.standing ? "=" : next.standing
            return allowed.components(separatedBy: "; ").contains(word)
        }
        return isAccepted ? (after, events.count) : nil
    }
}

extension LawSubject where Rules: StoredMachine {
    /// Gives drawn commands to a stream of a journal whose turns fail, are lost, or are done and
    /// not heard of, as workers do who try again; what is stored then is read back and compared.
    func storedTracesFollowTable() async throws -> TraceCounts {
        let (machine, commands) = (machine, traced ?? commands)
        let acceptance = TraceAcceptance(
            machine: machine,
            commands: commands,
            reading: reading,
            tables: tables
        )
        var counts = TraceCounts()
        let fold = StreamFold(machine, of: try StreamID("trace/1"))
        let settings = PropertySettings(caseCountMax: 60, seed: 3)
        _ = try await check("stored traces of \(name)", settings: settings) { draw in
            let plan = FaultPlan(
                [.outOfSpace, .inputOutput, .lostReply, .lostTurn, .crashBefore, .crashAfter]
            )
            let journal = FaultyJournal(MemoryJournal(), faults: plan, &draw)
            let given = try draw(.array(of: .sampled(from: commands), count: 1...30), "commands")
            for command in given {
                // Whoever is not answered asks once more, and need not be heard then.
                for _ in 0..<2 {
                    let isAnswered = await Self.give(command, fold, journal)
                    if journal.isDown { try await journal.restart() }
                    if isAnswered { break }
                }
            }
            let trace = try await Self.trace(of: fold.stream, machine, in: journal.base)
            counts.traces += 1
            counts.events += trace.count
            if let flaw = acceptance.flaw(in: trace) {
                Issue.record("\(name): \(flaw) is not in the table")
            }
            if trace.count > 1, acceptance.flaw(in: Array(trace.dropFirst())) != nil {
                counts.refusedWithoutBeginning += 1
            }
        }
        return counts
    }

    private static func give(
        _ command: Rules.Command,
        _ fold: StreamFold<Rules>,
        _ journal: FaultyJournal<MemoryJournal>
    ) async -> Bool {
        do throws(EngineError<Rules.Rejection>) {
            try await journal.engineTurn { scope throws(EngineError<Rules.Rejection>) in
                var folded = fold.start
                try fold.catchUp(&folded, in: scope)
                _ = try fold.turn(command, on: &folded, in: scope)
            }
            return true
        } catch .refused {
            return true
        } catch {
            return false
        }
    }

    private static func trace(
        of stream: StreamID,
        _ machine: Rules,
        in journal: MemoryJournal
    ) async throws -> [(event: Rules.Event, context: TurnContext)] {
        var trace: [(event: Rules.Event, context: TurnContext)] = []
        var failure: EventCodecError?
        _ = try await journal.page(
            of: stream,
            from: SequenceNumber(rawValue: 1),
            .forwards,
            upTo: nil,
            limit: .standard
        ) { header, frame in
            do throws(EventCodecError) {
                if let event = try machine.event(header, frame: frame) {
                    trace.append((event, TurnContext(now: header.recordedAt)))
                }
            } catch {
                failure = error
            }
            return .proceed
        }
        if let failure { throw failure }
        return trace
    }
}
