import CairnCore
import Testing

@testable import CairnTesting

/// One of Cairn's machines, and what the laws have to know of it.
struct LawSubject<Rules: Machine>: Sendable where Rules.Event: Hashable {
    let machine: Rules
    /// The commands of its table, and others.
    let commands: [Rules.Command]
    /// Events in any order, whether or not the machine would choose them.
    let events: Generator<Rules.Event>
    /// How many events a state tells of, where it does.
    var eventCount: (@Sendable (Rules.State) -> Int)?
    /// The commands of traces; all where nil.
    var traced: [Rules.Command]?
    let reading: TransitionReading<Rules>
    let tables: SpecifiedTables
    /// Whether a command asks for something to be done once; nil where none does.
    var isRepeatable: (@Sendable (Rules.Command) -> Bool)?
    /// What the states of drawn histories were digested to when this was written.
    let digest: String

    private var settings: PropertySettings { PropertySettings(caseCountMax: 150, seed: 1) }
    private var command: Generator<Rules.Command> { .sampled(from: commands) }
    private var encoding: @Sendable (Rules.State) -> [UInt8] { { StateText.bytes($0) } }
}

/// The two tables of a machine in its document.
struct SpecifiedTables: Sendable {
    let table: TransitionTable
    let next: TransitionTable

    init(_ document: String, of part: String = "") throws {
        let bytes = try PipelineDefinitionTests.specification("Machines/\(document).md")
        let text = String(decoding: bytes, as: UTF8.self)
        table = try TransitionTable(markdown: text, after: "## Transitions\(part)")
        next = try TransitionTable(markdown: text, after: "## Next standings\(part)")
    }
}

/// The laws that are asked of every machine.
protocol LawQuestions: Sendable, CustomTestStringConvertible {
    /// The machine's name in the sources.
    var name: String { get }
    func keepsFolds() throws
    func foldsAnything() throws
    func refusesByTable() throws
    func addsNothingTwice() throws
    func isTheSameElsewhere() throws
}

/// The laws of machines whose events a journal holds.
protocol StoredLawQuestions: LawQuestions {
    func stopsAtUnknownEvents() throws
    func writesStably() throws
    func readsHistory(_ text: String) throws
    func historyText() throws -> String
    func storedTracesFollowTable() async throws -> TraceCounts
}

extension LawSubject: LawQuestions {
    var name: String { machine is HeldItem ? "ItemMachine" : "\(Rules.self)" }
    var testDescription: String { name }

    func keepsFolds() throws {
        let encoding = encoding
        try Laws.replayEqualsLive(
            machine,
            commands: command,
            encoding: encoding,
            settings: settings
        )
        try Laws.incrementalEqualsWhole(
            machine,
            commands: command,
            encoding: encoding,
            settings: settings
        )
        try Laws.runsAreEqual(machine, commands: command, encoding: encoding, settings: settings)
        try Laws.answersFollowFromArguments(
            machine,
            commands: command,
            encoding: encoding,
            settings: settings
        )
    }

    func foldsAnything() throws {
        try Laws.anyEventsFold(
            machine,
            events: events,
            commands: command,
            eventCount: eventCount,
            settings: settings
        )
    }

    /// What the table of the specification refuses is refused, and nothing else; a command or a
    /// state that the table has no place for says nothing.
    func refusesByTable() throws {
        let (machine, reading, table) = (machine, reading, tables.table)
        guard table.cells.contains(where: { table[$0]?.hasPrefix("*") == true }) else { return }
        try Laws.illegalCommandsAreRefused(
            machine,
            commands: command,
            encoding: encoding,
            where: { command, state, context in
                guard let cell = reading.cell(command, state, context) else {
                    return (try? machine.decide(command, in: state, context: context)) != nil
                }
                return table[cell]?.hasPrefix("*") == false
            },
            settings: settings
        )
    }

    func addsNothingTwice() throws {
        guard let isRepeatable else { return }
        try Laws.repetitionAddsNothing(
            machine,
            commands: command,
            where: isRepeatable,
            settings: settings
        )
    }

    func isTheSameElsewhere() throws {
        try Laws.replayIsTheSameElsewhere(
            machine,
            commands: command,
            encoding: encoding,
            digest: digest,
            caseCount: 50
        )
    }
}

extension LawSubject: StoredLawQuestions where Rules: StoredMachine {
    func stopsAtUnknownEvents() throws {
        try Laws.unknownEventsStopTheFold(machine, events: events, settings: settings)
    }

    func writesStably() throws {
        try Laws.encodingIsStable(machine, events: events, settings: settings)
    }

    func readsHistory(_ text: String) throws {
        try Laws.historiesStayReadable(
            machine,
            histories: [try GoldenHistory(text: text)],
            encoding: encoding
        )
        // What is written today is what was written then.
        #expect(try historyText() == text)
    }

    /// Some drawn events as they are stored.
    func historyText() throws -> String {
        var drawn: [Rules.Event] = []
        let settings = PropertySettings(caseCountMax: 24, seed: 7)
        _ = try check("a history of \(name)", settings: settings) { draw in
            drawn.append(try draw(events, "event"))
        }
        return try GoldenHistory(name, of: machine, events: drawn, encoding: encoding).text
    }
}
