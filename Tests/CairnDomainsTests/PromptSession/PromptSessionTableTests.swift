import CairnCore
import CairnDomains
import CairnTesting
import Testing

struct PromptSessionTableTests {
    static let now = Timestamp(nanoseconds: 1_700_000_000_000_000_000)

    static func owner(_ user: String) throws -> PromptSessionOwner {
        try PromptSessionOwner(prompt: "breathe", user: user)
    }

    static func event(_ number: Int, _ act: PromptAct, _ seconds: Double) throws -> PromptEvent {
        PromptEvent(
            uid: try PromptEventUID("ipe_\(number)"),
            act: act,
            promptTime: try PromptTime(seconds),
            createdAt: now
        )
    }

    static func standings() throws -> [(name: String, facts: [PromptSessionFact])] {
        let opened = PromptSessionFact.opened(try owner("ann"), at: now)
        let joined: [PromptSessionFact] = [
            opened, .happened(try event(1, .join, 0)), .happened(try event(2, .like, 10)),
        ]
        return [
            ("absent", []), ("opened", [opened]), ("joined", joined),
            ("left", joined + [.happened(try event(3, .leave, 30))]),
            ("removed", joined + [.removed(Removal(.stream, at: now))]),
        ]
    }

    static func commands() throws -> [(name: String, command: PromptSessionCommand)] {
        let choice = try PromptChoice(2)
        return [
            ("open", .open(try owner("ann"), at: now)),
            ("open for another user", .open(try owner("bob"), at: now)),
            ("record join", .record(try event(9, .join, 12))),
            ("record like", .record(try event(9, .like, 12))),
            ("record numericResponse", .record(try event(9, .numericResponse(rating: 3), 12))),
            ("record pressStart", .record(try event(9, .pressStart, 12))),
            ("record pressEnd", .record(try event(9, .pressEnd, 12))),
            ("record colorResponse", .record(try event(9, .colorResponse(choice), 12))),
            ("record wordResponse", .record(try event(9, .wordResponse(choice), 12))),
            ("record leave", .record(try event(9, .leave, 12))),
            ("record leave at 5", .record(try event(9, .leave, 5))),
            ("keep like", .keep(try event(9, .like, 12))),
            ("keep leave", .keep(try event(9, .leave, 12))),
            ("forget", .forget(by: nil, reason: nil)),
        ]
    }

    static func rendered() throws -> String {
        try TransitionTable(
            of: PromptSessionMachine(),
            standings: try standings().map { ($0.name, PromptSessionMachine().replay($0.facts)) },
            commands: try commands(),
            context: { _ in TurnContext(now: now) },
            read: try reading()
        ).markdown
    }

    @Test func `the table in the specification is the machine's own`() throws {
        let bytes = try PipelineDefinitionTests.specification("Machines/PromptSession.md")
        let table = try Self.rendered()
        #expect(String(decoding: bytes, as: UTF8.self).contains("\n\n\(table)\n\n"), "\(table)")
        for kind in PromptActKind.allCases { #expect(table.contains("`prompt.\(kind.rawValue)`")) }
    }

    @Test func `imported events out of place are kept and counted`() throws {
        let machine = PromptSessionMachine()
        let acts: [(PromptAct, Double)] = [
            (.like, -3), (.join, 0), (.join, 1), (.like, 8), (.leave, 5), (.like, 9), (.leave, 10),
        ]
        let events = try acts.enumerated().map { try Self.event($0, $1.0, $1.1) }
        let state = machine.replay(events.map(PromptSessionFact.happened))
        #expect(state.eventCount == 7)
        // Before the join, joined again, left too early, and two after the leave event.
        #expect(state.anomalyCount == 5)
        #expect(state.leftAt?.seconds == 5)
        #expect(machine.counted(events) == Array(events[..<5]))
    }

    @Test func `any events in any order fold, and refusals are the flaws`() throws {
        var generator = SeededGenerator(seed: 404)
        let choice = try PromptChoice(0)
        let acts: [PromptAct] = [
            .join, .leave, .like, .numericResponse(rating: .min), .pressStart, .pressEnd,
            .colorResponse(choice), .wordResponse(choice),
        ]
        let machine = PromptSessionMachine()
        for _ in 0..<2_000 {
            var state = machine.initial
            var anomalies: UInt64 = 0
            for number in 0..<generator.below(12) {
                let seconds = Double(generator.below(9)) - 3
                let event = try Self.event(Int(number), generator.pick(acts), seconds)
                let context = TurnContext(now: Self.now)
                var refusal: PromptSessionRefusal?
                do throws(PromptSessionRefusal) {
                    _ = try machine.decide(.record(event), in: state, context: context)
                } catch { refusal = error }
                let flaw = state.flaw(of: event)
                #expect(refusal == flaw.map(PromptSessionRefusal.flaw))
                anomalies += flaw == nil ? 0 : 1
                machine.evolve(&state, by: .happened(event))
            }
            #expect(state.anomalyCount == anomalies)
        }
    }
}
