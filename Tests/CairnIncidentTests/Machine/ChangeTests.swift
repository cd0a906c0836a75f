import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import CairnServices
import Testing

/// What became of a stream, and where two of them part.
struct ChangeTests {
    private static func history() -> History {
        var history = History()
        for (request, type) in [("R-1", "PARSE_FAIL"), ("R-2", "PARSE_OK")] {
            history.add(request, "REQUEST_RECEIVED", .completed, minutes: 0, stage: "ORCHESTRATION")
            history.add(request, "PARSE_START", .started, minutes: 1, stage: "PARSER")
            let status: PipelineStatus = type == "PARSE_OK" ? .completed : .failed
            history.add(request, type, status, minutes: 2)
        }
        history.add("R-1", "PARSE_START", .started, minutes: 3) { $0.attempt = 2 }
        history.add("R-1", "PARSE_OK", .completed, minutes: 4) { $0.attempt = 2 }
        return history
    }

    @Test func `between two moments are the events behind the first`() async throws {
        let view = MachineView(try await Self.history().journal(), RequestMachine())
        let stream = try view.stream("R-1")
        let change = try await view.change(
            of: stream,
            from: Position(rawValue: 2),
            to: Position(rawValue: 7)
        )
        #expect(change.steps.map(\.position.rawValue) == [3, 7])
        #expect(change.before?.state.current?.status == .started)
        #expect(change.after?.state.attemptMax == 2)
        let early = try await view.change(of: stream, from: .zero, to: .first)
        #expect(early.before == nil)
        #expect(early.after?.state.eventCount == 1)
        let all = view.machine.differences(from: early.before, to: early.after)
        #expect(all.allSatisfy { $0.before == nil })
        await #expect(throws: IncidentError.unknownStream(try view.stream("R-2"))) {
            _ = try await view.change(of: view.stream("R-2"), from: .zero, to: .first)
        }
    }

    @Test func `what was removed meanwhile is not shown`() async throws {
        let journal = try await Self.history().journal()
        let last = try await journal.head().lastPosition
        try await PipelineRemover(journal).forget(request: "R-1")
        let view = MachineView(journal, RequestMachine())
        let change = try await view.change(
            of: try view.stream("R-1"),
            from: .first,
            to: Position(rawValue: .max)
        )
        #expect(change.steps.map(\.type) == ["removal.forgotten"])
        #expect(change.before != nil && change.after == nil)
        let early = try await view.change(of: change.stream, from: .first, to: last)
        #expect(early.steps.count == 4)
    }

    @Test func `histories part at the first event of another name`() async throws {
        let view = MachineView(try await Self.history().journal(), RequestMachine())
        let comparison = try await view.comparison(
            of: try view.stream("R-1"),
            and: try view.stream("R-2")
        )
        #expect(comparison.isParted)
        #expect(comparison.commonStartCount == 2)
        #expect(comparison.parting.left?.position.rawValue == 3)
        #expect(comparison.parting.right?.position.rawValue == 6)
        #expect(comparison.alignment.commonCount == 3)
        let same = try await view.comparison(
            of: try view.stream("R-1"),
            and: try view.stream("R-1")
        )
        #expect(!same.isParted)
        #expect(same.parting.left == nil && same.parting.right == nil)
    }
}
