import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import CairnTesting
import Testing

/// The view of any machine sees of requests what the view of requests does.
struct MachineViewTests {
    @Test(arguments: 1..<UInt64(61))
    func `each request has the state that the view of requests gives`(seed: UInt64) async throws {
        let history = try await RemovingHistory(seed: seed)
        for bound in stride(from: 1, through: history.lastPosition.rawValue, by: 7) {
            let asOf = Position(rawValue: bound)
            let requests = PipelineView(history.journal, asOf: asOf)
            let view = MachineView(history.journal, RequestMachine(), asOf: asOf)
            for request in history.requests {
                let state = try await view.state(of: try view.stream(request))
                let known: (state: PipelineState, removedCount: Int)?
                do throws(IncidentError) {
                    known = try await requests.standing(of: request)
                } catch {
                    known = nil
                }
                let seen = state.flatMap { view.machine.isSeen($0) ? $0 : nil }
                #expect(seen?.state == known?.state, "seed \(seed), \(request) at \(bound)")
                #expect(seen?.removedCount == known?.removedCount, "seed \(seed)")
            }
        }
    }

    @Test(arguments: 1..<UInt64(61))
    func `one pass has the states of all requests`(seed: UInt64) async throws {
        let history = try await RemovingHistory(seed: seed)
        let bound = Position(rawValue: (history.lastPosition.rawValue + 1) * 2 / 3)
        let view = MachineView(history.journal, RequestMachine(), asOf: bound)
        var states = StreamMap<RequestFold>()
        try await view.forEachStep { number, step in
            view.take(step, into: &states[number, default: view.machine.initial])
            return .proceed
        }
        var rows: [RequestRow] = []
        for (number, state) in zip(states.numbers, states.values)
        where view.machine.isSeen(state) {
            let stream = try await history.journal.streamID(of: number)
            rows.append(view.machine.standing(state, of: stream, now: RemovingHistory.now))
        }
        let known = try await PipelineView(history.journal, asOf: bound)
            .requests(now: RemovingHistory.now)
        #expect(Set(rows) == Set(known), "seed \(seed)")
        #expect(Set(rows) == Set(history.rows(at: bound, seenFrom: bound)), "seed \(seed)")
    }

    @Test(arguments: 1..<UInt64(41))
    func `events come back from their documents`(seed: UInt64) throws {
        let machine = RequestMachine()
        for row in History.random(seed: seed).rows {
            let document = machine.document(of: .row(row.event))
            let read = try machine.event(from: document, at: .unixEpoch)
            #expect(read == .row(row.event), "seed \(seed): \(document)")
            let text = try JSONValue.parse(Array(document.description.utf8))
            #expect(try machine.event(from: text, at: .unixEpoch) == read)
        }
    }

    @Test func `what is no event says why`() throws {
        let machine = RequestMachine()
        func error(_ text: String) throws -> EventDocumentError? {
            let document = try JSONValue.parse(Array(text.utf8))
            do throws(EventDocumentError) {
                _ = try machine.event(from: document, at: .unixEpoch)
                return nil
            } catch {
                return error
            }
        }
        #expect(try error("[]") == .notAnObject)
        #expect(try error(#"{"tenant":"a"}"#) == .missing(member: "stage"))
        #expect(try error(#"{"tenant":"a","stage":"S","colour":1}"#) == .unknown(member: "colour"))
        let wrong = #"{"tenant":"a","stage":"S","event_type":"E","attempt":"two"}"#
        #expect(
            try error(wrong)
                == .wrongValue(member: "attempt", expected: "a whole number of 64 bits")
        )
        #expect(try error(#"{"tenant":"a","stage":"S","event_type":"E"}"#) == nil)
    }

    @Test(arguments: 1..<UInt64(41))
    func `what a predicate says of a state, it says of its document`(seed: UInt64) async throws {
        let history = try await RemovingHistory(seed: seed)
        let machine = RequestMachine()
        let predicates = [
            "status == FAILED", "attempt > 1 and not terminal", "event_count >= 3",
            "metadata.diagnosisCount > 10", "stages contains PARSING",
            "stages.PARSING.failure_count > 0", "exists error_code", "anomalies contains reopened",
            "next_retry_at > 2025-12-25T01:00:00Z",
        ]
        let view = MachineView(history.journal, machine)
        for request in history.requests {
            let stream = try view.stream(request)
            guard let state = try await view.state(of: stream), machine.isSeen(state) else {
                continue
            }
            let row = machine.standing(state, of: stream, now: RemovingHistory.now)
            let document = DocumentRecord(machine.document(of: state))
            for text in predicates {
                let ofRow = try Predicate<RequestRow>(text).matches(row)
                let ofDocument = try Predicate<DocumentRecord>(text).matches(document)
                #expect(ofRow == ofDocument, "seed \(seed): \(text) of \(document.document)")
            }
        }
    }

    @Test func `an event that this program does not know stops the view where it stands`()
        async throws
    {
        let journal = MemoryJournal()
        let stream = try PipelineEvent.streamID(request: "R-1")
        try await journal.append(
            try NewEvent(type: "newer", occurredAt: .unixEpoch, payload: []),
            to: stream
        )
        let view = MachineView(journal, RequestMachine())
        let expected = IncidentError.unreadable(position: .first, .unknownType("newer"))
        await #expect(throws: expected) { try await view.state(of: stream) }
        await #expect(throws: expected) { try await view.forEachStep { _, _ in .proceed } }
        await #expect(throws: IncidentError.unknownStream(try view.stream("R-2"))) {
            try await view.steps(of: try view.stream("R-2"))
        }
    }
}
