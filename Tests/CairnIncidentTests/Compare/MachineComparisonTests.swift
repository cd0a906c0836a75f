import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import Testing

/// What a comparison says of what it finds.
struct MachineComparisonTests {
    /// A journal with events `stream type value` in this order.
    private func journal(_ lines: String...) async throws -> MemoryJournal {
        let journal = MemoryJournal()
        for line in lines {
            let words = line.split(separator: " ").map(String.init)
            let event = try KioskStory.event(words[1], words.count > 2 ? UInt8(words[2]) ?? 0 : 0)
            try await journal.append(event, to: try StreamID("kiosk/\(words[0])"))
        }
        return journal
    }

    private func comparison(
        _ journal: MemoryJournal,
        _ fault: Kiosk.Fault
    ) -> MachineComparison<Kiosk, Kiosk> {
        MachineComparison(journal, from: Kiosk(), to: Kiosk(fault: fault))
    }

    @Test func `a divergence names the event, the fields and the end`() async throws {
        let journal = try await journal(
            "a opened",
            "b tried 1",
            "a failed 1",
            "a failed 2",
            "a paid 5"
        )
        let report = try await comparison(journal, .codesNewestFirst).report()
        #expect(report.streamCount == 2 && report.streams.count == 1)
        let group = try #require(report.groups.first)
        #expect(group.cause.type == "failed")
        #expect(group.cause.fields == ["codes.*"])
        #expect(!group.cause.isOfReading)
        let found = try #require(group.examples.first)
        #expect("\(found.stream)" == "kiosk/a")
        #expect(found.position.rawValue == 4 && found.sequence.rawValue == 3)
        #expect(found.event.description == #"{"failed":{"code":2}}"#)
        #expect(found.differences.map { "\($0.path)" } == ["codes.0", "codes.1"])
        #expect(found.differences.first?.before == .number("1"))
        #expect(found.differences.first?.after == .number("2"))
        #expect(found.finalDifferences == found.differences)
        #expect(!found.isHealed && group.healedCount == 0)
        #expect(try await comparison(journal, .codesNewestFirst).divergence(of: "a") == found)
        #expect(try await comparison(journal, .codesNewestFirst).divergence(of: "b") == nil)
    }

    @Test func `what agrees again at the end is healed`() async throws {
        let journal = try await journal(
            "a tried 3",
            "a tried 1",
            "a tried 4",
            "b tried 3",
            "b tried 1"
        )
        let report = try await comparison(journal, .attemptMaxIsLast).report()
        #expect(report.streams.map(\.isHealed) == [true, false])
        #expect(report.groups.map(\.streamCount) == [2])
        #expect(report.groups.map(\.healedCount) == [1])
        #expect(report.groups[0].examples.map { $0.finalDifferences.count } == [0, 1])
        let early = MachineComparison(
            journal,
            from: Kiosk(),
            to: Kiosk(fault: .attemptMaxIsLast),
            asOf: Position(rawValue: 2)
        )
        #expect(try await early.report().streams.map(\.isHealed) == [false])
    }

    @Test func `causes are counted, the most frequent first`() async throws {
        let journal = try await journal(
            "a tried 2",
            "b opened",
            "b opened",
            "c tried 1",
            "d tried 1",
            "a closed"
        )
        var comparison = MachineComparison(journal, from: Kiosk(), to: KioskWithout())
        comparison.exampleCountMax = 2
        comparison.isInFlight = { old, _ in !old.hasEnded }
        let report = try await comparison.report()
        #expect(report.groups.map(\.cause.type) == ["tried", "opened"])
        #expect(report.groups.map(\.streamCount) == [3, 1])
        #expect(report.groups.map(\.inFlightCount) == [2, 1])
        #expect(
            report.groups.map { $0.examples.map { "\($0.stream)" } } == [
                ["kiosk/a", "kiosk/c"], ["kiosk/b"],
            ]
        )
        #expect(report.streams.map(\.group) == [0, 1, 0, 0])
        #expect(report.inFlightCount == 3)
        comparison.isSelected = { stream, old, _ in stream.key != "d" && !old.hasEnded }
        let selected = try await comparison.report()
        #expect(selected.streamCount == 2 && selected.inFlightCount == 2)
        #expect(selected.groups.map(\.streamCount) == [1, 1])
    }

    @Test func `what is ignored is no difference, and what is renamed is translated`() async throws
    {
        let journal = try await journal("a tried 2", "a failed 1", "a failed 2")
        var comparison = comparison(journal, .attemptOffByOne)
        #expect(try await comparison.report().groups.map(\.cause.fields) == [["attemptCount"]])
        comparison.ignored = [try #require(FieldPattern("attemptCount"))]
        #expect(try await comparison.report().isEqual)
        comparison = self.comparison(journal, .codesNewestFirst)
        comparison.ignored = [try #require(FieldPattern("codes.*"))]
        #expect(try await comparison.report().isEqual)
        comparison.ignored = [try #require(FieldPattern("codes.0"))]
        #expect(try await comparison.report().groups.map(\.cause.fields) == [["codes.*"]])
        var renamed = MachineComparison(journal, from: Kiosk(), to: Kiosk())
        renamed.translation = { .object([JSONMember("state", $0)]) }
        #expect(try await renamed.report().streams.count == 1)
        var told = MachineComparison(journal, from: Kiosk(), to: KioskTold())
        #expect(try await told.report().streams.count == 1)
        told.translation = { .object([JSONMember("state", $0)]) }
        #expect(try await told.report().isEqual)
    }

    @Test func `what one machine cannot read is a divergence of its own`() async throws {
        let journal = try await journal(
            "a tried 1",
            "b tried 1",
            "a paid 5",
            "a tried 2",
            "c paid 1"
        )
        let comparison = MachineComparison(journal, from: Kiosk(), to: KioskWithout(unread: "paid"))
        let report = try await comparison.report()
        #expect(report.groups.map(\.cause.newReading) == [.unreadable])
        #expect(report.groups.map(\.cause.oldReading) == [.read])
        #expect(report.groups.map(\.cause.fields) == [[]])
        #expect(report.streams.map(\.position.rawValue) == [3, 5])
        #expect(report.streams.allSatisfy { !$0.isHealed })
        let back = MachineComparison(journal, from: KioskWithout(unread: "paid"), to: Kiosk())
        #expect(try await back.report().groups.map(\.cause.oldReading) == [.unreadable])
        let skipped = MachineComparison(journal, from: Kiosk(), to: KioskWithout(skipped: "paid"))
        let skipping = try await skipped.report()
        #expect(skipping.groups.map(\.cause.newReading) == [.passedOver])
        #expect(skipping.streams.map(\.position.rawValue) == [3, 5])
        let neither = MachineComparison(
            journal,
            from: KioskWithout(unread: "paid"),
            to: KioskWithout(unread: "paid")
        )
        await #expect(throws: IncidentError.self) { try await neither.report() }
        await #expect(throws: IncidentError.unknownStream(try StreamID("kiosk/z"))) {
            try await comparison.divergence(of: "z")
        }
    }

    @Test func `commands are put to both machines where streams stand`() async throws {
        let history = History.random(seed: 3)
        let journal = try await history.journal()
        var strict = PipelineDefinition.priorAuthorization
        strict.isOpen = false
        let machines = (old: PipelineMachine(), new: PipelineMachine(strict))
        let comparison = MachineComparison(
            journal,
            from: RequestMachine(),
            to: RequestMachine(strict)
        )
        let context = TurnContext(now: History.time(minutes: 200))
        let found = try await comparison.decisions { state in
            ["PARSING", "ARCHIVE"].map { stage in
                PipelineCommand(
                    .recordStart,
                    PipelineReport(tenant: state.state.tenant ?? "", stage: stage)
                )
            }
        } by: { command, state in
            JSONValue(decisionOf: machines.old, on: command, in: state.state, context: context)
        } and: { command, state in
            JSONValue(decisionOf: machines.new, on: command, in: state.state, context: context)
        }
        #expect(found.count == Set(history.rows.map(\.requestID)).count)
        #expect(found.allSatisfy { $0.command.report.stage == "ARCHIVE" })
        #expect(found.allSatisfy { $0.before["events"] != nil && $0.after["rejected"] != nil })
    }
}

/// The ticket machine without its counts of tries and double openings, and with types that it
/// does not read.
private struct KioskWithout: InspectableMachine {
    var unread: String?
    var skipped: String?
    private let machine = Kiosk()

    var streamKind: StreamKind { machine.streamKind }
    var initial: Kiosk.State { machine.initial }

    init(unread: String? = nil, skipped: String? = nil) {
        (self.unread, self.skipped) = (unread, skipped)
    }

    func event(_ header: EventHeader, frame: RawSpan) throws(EventCodecError) -> Kiosk.Event? {
        let type = header.type(in: frame)
        if type == unread { throw .unknownType(type) }
        return type == skipped ? nil : try machine.event(header, frame: frame)
    }

    func passOver(_ state: inout Kiosk.State) {}

    func evolve(_ state: inout Kiosk.State, by event: Kiosk.Event) {
        machine.evolve(&state, by: event)
        guard unread == nil, skipped == nil else { return }
        state.attemptCount = 0
        state.anomalies["opened twice"] = nil
    }
}

/// The ticket machine as one that tells its state inside another object.
private struct KioskTold: InspectableMachine {
    private let machine = Kiosk()

    var streamKind: StreamKind { machine.streamKind }
    var initial: Kiosk.State { machine.initial }

    func event(_ header: EventHeader, frame: RawSpan) throws(EventCodecError) -> Kiosk.Event? {
        try machine.event(header, frame: frame)
    }

    func passOver(_ state: inout Kiosk.State) {}

    func evolve(_ state: inout Kiosk.State, by event: Kiosk.Event) {
        machine.evolve(&state, by: event)
    }

    func document(of state: Kiosk.State) -> JSONValue {
        .object([JSONMember("state", machine.document(of: state))])
    }
}
