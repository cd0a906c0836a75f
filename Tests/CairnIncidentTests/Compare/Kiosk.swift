import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import CairnTesting
import Testing

/// A ticket machine, written by hand, whose rules can be wrong in one place.
struct Kiosk: InspectableMachine {
    enum Event: Hashable, Sendable {
        case opened
        case tried(number: UInt8)
        case failed(code: UInt8)
        case paid(cents: UInt8)
        case closed
    }

    struct State: Hashable, Sendable {
        var attemptCount = 0
        var attemptMax = 0
        var failureCount = 0
        var codes: [Int] = []
        var seenCodes: Set<UInt8> = []
        var centsByAttempt: [Int: Int] = [:]
        var lastCents: Int?
        var isOpen = false
        var hasEnded = false
        var anomalies: [String: Int] = [:]
        var eventCount = 0
    }

    /// One rule that is another one than it should be.
    enum Fault: CaseIterable, Sendable {
        case attemptOffByOne, attemptFromZero, attemptMaxIsLast, attemptMaxIsMin
        case attemptsKeptOnOpening, failuresNotCounted, failuresCountedTwice
        case codesNewestFirst, codesWithoutRepeats, codesCappedAtThree
        case seenCodesForgotten, seenCodesOfLastOnly
        case centsReplaced, centsOfNextAttempt, lastCentsDropped, lastCentsKeepsFirst
        case closesOnPayment, neverEnds, reopens
        case doubleOpeningDropped, lateEventDropped, regressionDropped, regressionOnEqual
        case passedOverCounted
    }

    var fault: Fault?

    var streamKind: StreamKind { StreamKind("kiosk") }
    var initial: State { State() }

    /// Codes are no part of it, so failures are unknown to it.
    var declaredPath: EventPath? {
        EventPath(
            from: ["opened"],
            ["opened": ["tried", "closed"], "tried": ["paid", "tried"], "paid": ["closed"]],
            to: ["closed"]
        )
    }

    /// A kiosk that is closed has failed for good, and waits for nothing.
    func reportRow(of event: Event, occurredAt: Timestamp) -> ReportRow {
        switch event {
        case .tried: ReportRow(lane: "work", status: .started)
        case .closed: ReportRow(lane: "work", status: .failed)
        case .opened, .failed, .paid: ReportRow(lane: name(of: event))
        }
    }

    func event(_ header: EventHeader, frame: RawSpan) throws(EventCodecError) -> Event? {
        let type = header.type(in: frame)
        let bytes = frame.extracting(header.payloadRange).array()
        let value = bytes.first ?? 0
        switch type {
        case "opened": return .opened
        case "tried": return .tried(number: value)
        case "failed": return .failed(code: value)
        case "paid": return .paid(cents: value)
        case "closed": return .closed
        default:
            if header.flags.contains(.mayBeIgnored) { return nil }
            throw .unknownType(type)
        }
    }

    func passOver(_ state: inout State) {
        if fault == .passedOverCounted { state.eventCount += 1 }
    }

    func evolve(_ state: inout State, by event: Event) {
        state.eventCount += 1
        if state.hasEnded, event != .opened, fault != .lateEventDropped { note("late", &state) }
        switch event {
        case .opened: open(&state)
        case .tried(let number): attempt(Int(number), &state)
        case .failed(let code): fail(code, &state)
        case .paid(let cents): pay(Int(cents), &state)
        case .closed:
            state.isOpen = false
            state.hasEnded = fault != .neverEnds
        }
    }

    private func note(_ anomaly: String, _ state: inout State) {
        state.anomalies[anomaly, default: 0] += 1
    }

    private func open(_ state: inout State) {
        if state.isOpen, fault != .doubleOpeningDropped { note("opened twice", &state) }
        state.isOpen = true
        if fault == .reopens { state.hasEnded = false }
        if fault != .attemptsKeptOnOpening { state.attemptCount = 0 }
    }

    private func attempt(_ number: Int, _ state: inout State) {
        let isBack =
            fault == .regressionOnEqual
            ? number <= state.attemptMax : number < state.attemptMax
        if isBack, fault != .regressionDropped { note("regression", &state) }
        state.attemptCount += fault == .attemptOffByOne ? 2 : 1
        if fault == .attemptFromZero, state.attemptCount == 1 { state.attemptCount = 0 }
        switch fault {
        case .attemptMaxIsLast: state.attemptMax = number
        case .attemptMaxIsMin:
            state.attemptMax = state.attemptMax == 0 ? number : min(state.attemptMax, number)
        default: state.attemptMax = max(state.attemptMax, number)
        }
    }

    private func fail(_ code: UInt8, _ state: inout State) {
        if fault != .failuresNotCounted { state.failureCount += 1 }
        if fault == .failuresCountedTwice { state.failureCount += 1 }
        let number = Int(code)
        switch fault {
        case .codesNewestFirst: state.codes.insert(number, at: 0)
        case .codesWithoutRepeats: if !state.codes.contains(number) { state.codes.append(number) }
        case .codesCappedAtThree: if state.codes.count < 3 { state.codes.append(number) }
        default: state.codes.append(number)
        }
        if fault == .seenCodesOfLastOnly { state.seenCodes = [] }
        if fault != .seenCodesForgotten { state.seenCodes.insert(code) }
    }

    private func pay(_ cents: Int, _ state: inout State) {
        let attempt = state.attemptCount + (fault == .centsOfNextAttempt ? 1 : 0)
        let known = fault == .centsReplaced ? 0 : state.centsByAttempt[attempt, default: 0]
        state.centsByAttempt[attempt] = known + cents
        switch fault {
        case .lastCentsDropped: break
        case .lastCentsKeepsFirst: state.lastCents = state.lastCents ?? cents
        default: state.lastCents = cents
        }
        if fault == .closesOnPayment { state.hasEnded = true }
    }
}

extension Kiosk.Fault: CustomTestStringConvertible {
    var testDescription: String { "\(self)" }
}

/// The same rules over another representation, told in another order.
struct KioskOfLists: InspectableMachine {
    struct State: Hashable, Sendable {
        /// Entries in the order in which they came, never in that of their keys.
        var notes: [Pair] = []
        var cents: [Pair] = []
        var plain = Kiosk.State()

        struct Pair: Hashable, Sendable {
            let key: String
            var count: Int
        }
    }

    private let machine = Kiosk()

    var streamKind: StreamKind { machine.streamKind }
    var initial: State { State() }

    func event(_ header: EventHeader, frame: RawSpan) throws(EventCodecError) -> Kiosk.Event? {
        try machine.event(header, frame: frame)
    }

    func passOver(_ state: inout State) {}

    func evolve(_ state: inout State, by event: Kiosk.Event) {
        machine.evolve(&state.plain, by: event)
        Self.move(&state.plain.anomalies, to: &state.notes) { $0 }
        let before = state.plain.centsByAttempt
        state.cents = before.sorted { $0.key > $1.key }.map {
            State.Pair(key: "\($0.key)", count: $0.value)
        }
    }

    /// Empties a dictionary into a list that has the sum of what came.
    private static func move(
        _ counts: inout [String: Int],
        to list: inout [State.Pair],
        _ name: (String) -> String
    ) {
        for (key, count) in counts {
            if let place = list.firstIndex(where: { $0.key == name(key) }) {
                list[place].count += count
            } else {
                list.append(State.Pair(key: name(key), count: count))
            }
        }
        counts = [:]
    }

    func document(of state: State) -> JSONValue {
        func object(_ pairs: [State.Pair]) -> JSONValue {
            .object(pairs.map { JSONMember($0.key, .number("\($0.count).0")) })
        }
        guard case .object(let members) = machine.document(of: state.plain) else { return .null }
        let told = members.map { member in
            switch member.key {
            case "anomalies": JSONMember(member.key, object(state.notes))
            case "centsByAttempt": JSONMember(member.key, object(state.cents))
            default: member
            }
        }
        return .object(told.reversed())
    }
}

/// Streams of ticket machines that a seed repeats.
struct KioskStory {
    let journal = MemoryJournal()
    let streams: [StreamID]

    init(seed: UInt64, eventCountMax: Int = 90) async throws {
        var random = SeededGenerator(seed: seed)
        var appends: [StreamAppend] = []
        var streams: [StreamID] = []
        let streamCount = Int.random(in: 1...6, using: &random)
        for _ in 0..<Int.random(in: 1...eventCountMax, using: &random) {
            let number = Int.random(in: 0..<streamCount, using: &random)
            let stream = try StreamID("kiosk/\(["a", "b", "c", "d", "e", "f"][number])")
            if !streams.contains(stream) { streams.append(stream) }
            let types = ["opened", "tried", "tried", "failed", "failed", "paid", "closed", "new"]
            let type = types[Int.random(in: 0..<types.count, using: &random)]
            appends.append(
                StreamAppend(
                    [try Self.event(type, .random(in: 1...4, using: &random))],
                    to: stream
                )
            )
            // Streams of other machines stand between.
            if Int.random(in: 0..<5, using: &random) == 0 {
                appends.append(
                    StreamAppend([try Self.event("opened", 0)], to: try StreamID("other/a"))
                )
            }
        }
        self.streams = streams
        try await journal.append(appends)
    }

    static func event(_ type: String, _ value: UInt8) throws -> NewEvent {
        try NewEvent(
            type: type,
            occurredAt: .unixEpoch,
            mayBeIgnored: type == "new",
            payload: [value]
        )
    }
}
