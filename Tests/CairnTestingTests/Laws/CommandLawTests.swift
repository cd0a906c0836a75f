import CairnCore
import CairnTesting
import Testing

/// The laws of commands, events and stored bytes: a sound machine, and one flaw at a time.
struct CommandLawTests {
    private let sound = Locker()
    private static let name = String(reflecting: Locker.Event.self)

    @Test func `a sound machine keeps every law of commands and events`() throws {
        let settings = lawSettings
        for summary in [
            try Laws.repetitionAddsNothing(
                sound,
                commands: Locker.commands,
                where: Self.isPut,
                settings: settings
            ),
            try Laws.illegalCommandsAreRefused(
                sound,
                commands: Locker.commands,
                encoding: Locker.encoding,
                where: Locker.isLegal,
                settings: settings
            ),
            try Laws.anyEventsFold(
                sound,
                events: Locker.events,
                commands: Locker.commands,
                eventCount: { $0.eventCount },
                invariants: [Self.oddsAreEvents],
                settings: settings
            ),
            try Laws.deliveriesCommute(
                sound,
                events: Locker.reports,
                after: [.opened(at: .unixEpoch)],
                seenAs: { $0.report },
                settings: settings
            ),
            try Laws.unknownEventsStopTheFold(sound, events: Locker.events, settings: settings),
            try Laws.encodingIsStable(sound, events: Locker.events, settings: settings),
        ] {
            #expect(summary.passedCount == 300)
        }
    }

    @Sendable private static func isPut(_ command: Locker.Command) -> Bool {
        if case .put = command { true } else { false }
    }

    private static let oddsAreEvents = Invariant<Locker.State>("anomalies are events") {
        $0.anomalyCount <= $0.eventCount
    }

    @Test func `a command that adds its event again is law 4_1`() {
        let finding = finding("4.1") { () throws(PropertyError) in
            try Laws.repetitionAddsNothing(
                Locker(.putsTwice),
                commands: Locker.commands,
                where: Self.isPut,
                settings: lawSettings
            )
        }
        #expect(finding?.values == ["[open, put(0)]"])
        #expect(finding?.failure.reason == "a second put(0) leads to [put(0)]")
    }

    @Test func `a command that is only known while nothing else comes is law 4_1`() {
        let finding = finding("4.1") { () throws(PropertyError) in
            try Laws.repetitionAddsNothing(
                sound,
                commands: Locker.commands,
                repeated: .ever,
                where: Self.isPut,
                settings: lawSettings
            )
        }
        #expect(finding?.values == ["[open, put(0), takeAny]"])
    }

    @Test func `a repetition at once comes at the same instant`() throws {
        let summary = try Laws.repetitionAddsNothing(
            Bell(),
            commands: .allCases(),
            settings: lawSettings
        )
        #expect(summary.passedCount == 300)
        let later = finding("4.1") { () throws(PropertyError) in
            try Laws.repetitionAddsNothing(
                Bell(),
                commands: .allCases(),
                repeated: .ever,
                settings: lawSettings
            )
        }
        #expect(later?.failure.reason == "a second ring leads to [1970-01-01T00:02:00.000000Z]")
    }

    @Test func `a command outside the table that is accepted is law 6_3`() {
        let finding = finding("6.3") { () throws(PropertyError) in
            try Laws.illegalCommandsAreRefused(
                Locker(.opensTwice),
                commands: Locker.commands,
                where: Locker.isLegal,
                settings: lawSettings
            )
        }
        #expect(finding?.values == ["[open, open]"])
        #expect(finding?.failure.reason.hasPrefix("open is illegal in State(isOpen: true") == true)
    }

    @Test func `a table may ask for the instant of the turn`() throws {
        let summary = try Laws.illegalCommandsAreRefused(
            Bell(refuses: true),
            commands: .allCases(),
            where: { _, last, context in Bell.mayRing(last, at: context.now) },
            settings: lawSettings
        )
        #expect(summary.passedCount == 300)
        let finding = finding("6.3") { () throws(PropertyError) in
            try Laws.illegalCommandsAreRefused(
                Bell(refuses: true),
                commands: .allCases(),
                where: { _, last, context in
                    Bell.mayRing(last, at: context.now.adding(.seconds(1)))
                },
                settings: lawSettings
            )
        }
        #expect(finding?.values == ["[ring, ring after 59000000000 ns]"])
    }

    @Test func `a command inside the table that is refused is law 6_3`() {
        let finding = finding("6.3") { () throws(PropertyError) in
            try Laws.illegalCommandsAreRefused(
                Locker(.staysOpen),
                commands: Locker.commands,
                where: Locker.isLegal,
                settings: lawSettings
            )
        }
        #expect(finding?.values == ["[open, close]"])
        #expect(finding?.failure.reason.hasSuffix("and refused: isClosed") == true)
    }

    @Test func `an event that is dropped is law 6_1`() {
        let finding = finding("6.1") { () throws(PropertyError) in
            try Laws.anyEventsFold(
                Locker(.dropsOddEvents),
                events: Locker.events,
                commands: Locker.commands,
                eventCount: { $0.eventCount },
                settings: lawSettings
            )
        }
        #expect(finding?.values[0] == "[\(Self.name).closed]")
        #expect(finding?.failure.reason.hasPrefix("after 1 events the state tells of 0") == true)
    }

    @Test func `an invariant that odd events break is law 6_1`() {
        let none = Invariant<Locker.State>("nothing is odd") { $0.anomalyCount == 0 }
        let finding = finding("6.1") { () throws(PropertyError) in
            try Laws.anyEventsFold(
                sound,
                events: Locker.events,
                commands: Locker.commands,
                invariants: [none],
                settings: lawSettings
            )
        }
        #expect(finding?.failure.reason.hasSuffix("nothing is odd") == true)
    }

    @Test func `a fold in which the last report wins is law 7_1`() {
        let finding = finding("7.1") { () throws(PropertyError) in
            try Laws.deliveriesCommute(
                Locker(.believesLast),
                events: Locker.reports,
                seenAs: { $0.report },
                settings: lawSettings
            )
        }
        let start = "sent [reported(0), reported(1)], received [reported(1), reported(0)]"
        #expect(finding?.failure.reason.hasPrefix(start) == true)
        #expect(finding?.failure.reason.hasSuffix(": 0 instead of 1") == true)
    }

    @Test func `a fold that counts repetitions is law 7_1`() {
        let finding = finding("7.1") { () throws(PropertyError) in
            try Laws.deliveriesCommute(sound, events: Locker.reports, settings: lawSettings)
        }
        let start = "sent [reported(0)], received [reported(0), reported(0)]: "
        #expect(finding?.failure.reason.hasPrefix(start) == true)
    }

    @Test func `a machine that passes over what it does not know is law 6_2`() {
        let finding = finding("6.2") { () throws(PropertyError) in
            try Laws.unknownEventsStopTheFold(
                Locker(.passesOverUnknown),
                events: Locker.events,
                settings: lawSettings
            )
        }
        #expect(finding?.failure.reason == "an event of type 'closed' renamed is passed over")
    }

    @Test func `a machine that reads versions to come is law 6_2`() {
        let finding = finding("6.2") { () throws(PropertyError) in
            try Laws.unknownEventsStopTheFold(
                Locker(.readsNewer),
                events: Locker.events,
                settings: lawSettings
            )
        }
        let reason = "an event of type 'closed' in version 255 is read as closed"
        #expect(finding?.failure.reason == reason)
    }

    @Test func `a type of any length is renamed for law 6_2`() throws {
        let summary = try Laws.unknownEventsStopTheFold(
            Wordy(),
            events: .constant(7),
            settings: lawSettings
        )
        #expect(summary.passedCount == 300)
    }

    @Test func `a machine that traps is reported where its cases are isolated`() async {
        await #expect(processExitsWith: .success) {
            let error = #expect(throws: PropertyError.self) {
                try Laws.anyEventsFold(
                    Overflowing(),
                    events: .integer(),
                    commands: .constant(1),
                    settings: PropertySettings(seed: 1, isolation: .fork())
                )
            }
            guard case .falsified(let report) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(report.property == "law 6.1 total evolve of Overflowing")
            #expect(report.failures[0].error is Crash)
            #expect(report.failures[0].values.map(\.text) == ["[1, 255]"])
        }
    }

    @Test func `an encoding that rounds is law 11_1`() {
        let finding = finding("11.1") { () throws(PropertyError) in
            try Laws.encodingIsStable(
                Shifting(),
                events: Generator<Int>.int(in: 0...600),
                settings: lawSettings
            )
        }
        #expect(finding?.values == ["256"])
        #expect(finding?.failure.reason.hasPrefix("256 is read back as 255") == true)
    }
}

/// Numbers that are written in a byte, the greatest for all beyond it, and once more each time.
private struct Shifting: StoredMachine {
    let initial = 0

    func decide(_ command: Int, in state: Int, context: TurnContext) throws(Never) -> [Int] { [] }

    func evolve(_ state: inout Int, by event: Int) { state = event }

    func event(_ header: EventHeader, frame: RawSpan) throws(EventCodecError) -> Int? {
        Int(frame.extracting(header.payloadRange).array()[0])
    }

    func newEvent(_ event: Int) throws(LimitError) -> NewEvent {
        try NewEvent(
            type: event > 255 ? "great" : "number",
            occurredAt: .unixEpoch,
            payload: [UInt8(min(event, 255))]
        )
    }
}

/// A bell that does not ring twice within a minute.
private struct Bell: Machine {
    enum Command: Hashable, Sendable, CaseIterable { case ring }
    enum Rejection: Error { case tooSoon }

    /// Whether it says no, or nothing.
    var refuses = false
    static let pause = TimeSpan.seconds(60)
    let initial: Timestamp? = nil

    static func mayRing(_ last: Timestamp?, at now: Timestamp) -> Bool {
        last.map { now.since($0) >= pause } ?? true
    }

    func decide(
        _ command: Command,
        in state: Timestamp?,
        context: TurnContext
    ) throws(Rejection) -> [Timestamp] {
        if Self.mayRing(state, at: context.now) { return [context.now] }
        if refuses { throw .tooSoon }
        return []
    }

    func evolve(_ state: inout Timestamp?, by event: Timestamp) { state = event }
}

/// A sum of what no byte can hold.
private struct Overflowing: Machine {
    enum Rejection: Error { case never }

    let initial = UInt8(0)

    func decide(_ command: UInt8, in state: UInt8, context: TurnContext) throws(Rejection)
        -> [UInt8]
    { [] }

    func evolve(_ state: inout UInt8, by event: UInt8) { state += event }
}

/// One event whose type has as many bytes as a type may have.
private struct Wordy: StoredMachine {
    enum Rejection: Error { case never }

    static let type = "wordy" + String(repeating: "\u{E9}", count: 125)
    let initial = 0

    func decide(_ command: Int, in state: Int, context: TurnContext) throws(Rejection) -> [Int] {
        []
    }

    func evolve(_ state: inout Int, by event: Int) { state += 1 }

    func event(_ header: EventHeader, frame: RawSpan) throws(EventCodecError) -> Int? {
        let type = header.type(in: frame)
        guard type == Self.type else {
            guard header.flags.contains(.mayBeIgnored) else { throw .unknownType(type) }
            return nil
        }
        if header.flags.contains(.isErased) { return nil }
        let payload = frame.extracting(header.payloadRange).array()
        guard header.typeVersion == 1, payload == [7] else {
            throw .malformed(type: type, reason: "it is not seven")
        }
        return 7
    }

    func newEvent(_ event: Int) throws(LimitError) -> NewEvent {
        try NewEvent(type: Self.type, occurredAt: .unixEpoch, payload: [7])
    }
}
